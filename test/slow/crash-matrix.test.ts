import { spawnSync } from "node:child_process";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, it } from "vitest";
import type { Clock } from "../../src/model/clock.ts";
import { systemClock } from "../../src/model/clock.ts";
import { openSqliteLedger } from "../../src/providers/ledgers/sqlite.ts";
import { readState, resume, stopEnvironment } from "../../src/release/release.ts";
import { contextIn, deploy } from "./crash/deploying.ts";

const script = fileURLToPath(new URL("crash/deploying.ts", import.meta.url));

/** deployment-started, two events for each of five operations, deployment-succeeded. */
const writes = 1 + 2 * 5 + 1;

const positions = Array.from({ length: writes }, (_, index) => index + 1).flatMap((write) =>
  (["before", "after"] as const).map((when) => ({ write, when })),
);

/** The dead holder's lease is over: the clock of the one who comes next is that much later. */
const later: Clock = { ...systemClock, now: () => new Date(Date.now() + 31_000) };

it.each(positions)(
  "local: kill -9 $when write $write of a deploy; resumed, it ends as the one that nobody killed",
  async ({ write, when }) => {
    const directory = await mkdtemp(join(tmpdir(), "fairway-crash-"));
    const after = {
      ...(await contextIn(directory)),
      ledger: await openSqliteLedger(join(directory, "ledger.db"), later),
    };
    try {
      await deploy("v1", await contextIn(directory));
      const { signal } = spawnSync(process.execPath, [script, directory, "v2", String(write), when], {
        stdio: "inherit",
      });
      expect(signal).toBe("SIGKILL");

      const begun = (await readState(after)).unsettled !== null;
      const outcome = await resume(after, { answer: null });
      expect(outcome === null).toBe(!begun);
      const expected = write === 1 && when === "before" ? "v1" : "v2";
      const state = await readState(after);
      expect(state.live?.release.version).toBe(expected);
      expect(state.unsettled).toBeNull();
      const [api] = (await after.target.observe()).services;
      expect(api?.replicas.map(({ version, state: is }) => `${version} ${is}`)).toEqual(
        Array(2).fill(`${expected} ready`),
      );
      const database = await readFile(join(directory, "database.txt"), "utf8");
      expect(database).toBe(expected === "v1" ? "1_init\n" : "1_init\n2_reviews\n");
    } finally {
      await stopEnvironment(after, { removeData: true });
      await rm(directory, { recursive: true, force: true });
    }
  },
  120_000,
);
