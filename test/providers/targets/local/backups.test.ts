import { mkdir, mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { completeBackup, prune } from "../../../../src/providers/targets/local/backups.ts";
import { localTarget, type LocalTargetOptions } from "../../../../src/providers/targets/local/local.ts";

let directory: string;

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), "fairway-backups-"));
});

afterEach(async () => {
  await rm(directory, { recursive: true });
});

async function stored(id: string, at: string): Promise<void> {
  const draft = join(directory, `.draft-${id}`);
  await mkdir(join(draft, "data"), { recursive: true });
  await completeBackup(directory, draft, { id, at, postgresMajor: "18", sizeBytes: 1 });
}

test("the backup that was just made stays, also when the clock went back since the others", async () => {
  await stored("local-1", "2026-03-01T10:00:00.000Z");
  await stored("local-2", "2026-03-01T11:00:00.000Z");
  await stored("local-3", "2026-03-01T09:00:00.000Z");
  expect(await prune(directory, 2, "local-3")).toEqual(["local-1"]);
  expect(await prune(directory, 1, "local-3")).toEqual(["local-2"]);
  expect(await prune(directory, 1, "local-3")).toEqual([]);
  expect(await readdir(directory)).toEqual(["local-3"]);
});

test("a restore that came to its end is known by the deployment that asked for it, and by no other", async () => {
  const target = await localTarget({
    environment: "local",
    stateDirectory: directory,
  } as LocalTargetOptions);
  const state = async (deployment: string) =>
    target.backups?.restoreState({ backup: "local-1", reference: "local-1", deployment });
  expect(await state("local-2")).toBe("not done");
  await writeFile(
    join(directory, "state.json"),
    JSON.stringify({ schema: 1, environment: "local", replicas: [], restoredBy: "local-2" }),
  );
  expect(await state("local-2")).toBe("done");
  expect(await state("local-3")).toBe("not done");
});
