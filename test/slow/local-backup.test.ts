import { chmod, cp, mkdir, mkdtemp, readdir, rename, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type pg from "pg";
import { afterEach, beforeEach, expect, test } from "vitest";
import { storedBackups } from "../../src/providers/targets/local/backups.ts";
import { createEnvironment, type Environment } from "../../src/providers/targets/local/environment.ts";
import { observeWithoutSupervisor } from "../../src/providers/targets/local/offline.ts";
import { pathsOf, type EnvironmentPaths } from "../../src/providers/targets/local/paths.ts";
import type { ReplicaRunner } from "../../src/providers/targets/local/runner.ts";
import { readState } from "../../src/providers/targets/local/state.ts";
import { queryDatabaseAt } from "../support/local-database.ts";

let paths: EnvironmentPaths;
let environment: Environment;
let url: string;

beforeEach(async () => {
  const directory = await mkdtemp(join(tmpdir(), "fairway-local-backup-"));
  // Entered by uid 65534, which root runs PostgreSQL as.
  await chmod(directory, 0o755);
  paths = pathsOf(directory);
  environment = await supervise();
  await prepare();
  await query("CREATE TABLE note (text text)");
}, 120_000);

afterEach(async () => {
  await environment.stop({ fencingToken: 9, removeData: true }, silent);
  await rm(paths.root, { recursive: true, force: true });
});

test("a restore puts back what the backup has, and keeps what was there under its own id", async () => {
  await write("before");
  const made = await backUp("local-2");
  expect(made.observed).toMatch(/^backup local-2, \d+ MB$/);
  expect(made.backup?.sizeBytes).toBeGreaterThan(1_000_000);
  await write("since");

  const restored = await restore("local-2", "local-3");
  expect(restored.backup).toMatchObject({ id: "local-3" });
  expect(await notes()).toEqual(["before"]);
  expect(await ids()).toEqual(["local-2", "local-3"]);
  expect(await readdir(paths.postgres)).toEqual(["18"]);

  // As often as somebody likes: a backup is not used up.
  await restore("local-3", "local-4");
  expect(await notes()).toEqual(["before", "since"]);
  await restore("local-2", "local-5");
  expect(await notes()).toEqual(["before"]);
}, 60_000);

test("the last ones are kept; what was left of one that was cut off goes with the next", async () => {
  await backUp("local-1");
  // As a supervisor leaves it that was killed in the middle.
  await rename(join(paths.backups, "local-1"), join(paths.backups, ".draft-local-1"));
  expect(await ids()).toEqual([]);
  await expect(restore("local-1", "local-9")).rejects.toMatchObject({ code: "BACKUP_UNKNOWN", exitCode: 2 });
  for (const id of ["local-2", "local-3", "local-4"]) await backUp(id, 2);
  expect(await ids()).toEqual(["local-3", "local-4"]);
  expect((await readdir(paths.backups)).sort()).toEqual(["local-3", "local-4"]);
}, 60_000);

test("one that is made again under its id takes the place of the first", async () => {
  await backUp("local-2");
  await write("later");
  await backUp("local-2");
  expect(await ids()).toEqual(["local-2"]);
  await restore("local-2", "local-3");
  expect(await notes()).toEqual(["later"]);
}, 60_000);

test("a backup that no server starts on is not left in place: what was there is there again", async () => {
  await write("before");
  await backUp("local-2");
  await write("since");
  await writeFile(join(paths.backups, "local-2", "data", "global", "pg_control"), "broken");
  await expect(restore("local-2", "local-3")).rejects.toMatchObject({ code: "RESTORE_FAILED" });
  expect(await notes()).toEqual(["before", "since"]);
  expect(await readdir(paths.postgres)).toEqual(["18"]);
}, 90_000);

test("a stale holder makes no backup and restores none", async () => {
  await backUp("local-2");
  await environment.prepare({ fencingToken: 5, needs: { services: [], postgres: "18" } }, silent);
  await expect(backUp("local-3")).rejects.toMatchObject({ code: "LEASE_LOST" });
  await expect(restore("local-2", "local-3")).rejects.toMatchObject({ code: "LEASE_LOST" });
}, 60_000);

/** Where a supervisor may be killed in a restore, as it leaves the directories; each ends with the data of then, whole. */
const cuts = [
  { when: "before anything was moved", leave: async () => undefined },
  {
    when: "between the two renames",
    leave: () => rename(join(paths.postgres, "18"), join(paths.backups, ".replaced", "data")),
  },
  {
    when: "before a server has answered on what was put there",
    leave: async () => {
      await rename(join(paths.postgres, "18"), join(paths.backups, ".replaced", "data"));
      await rename(join(paths.postgres, ".restoring"), join(paths.postgres, "18"));
    },
  },
];

test.each(cuts)(
  "killed $when, what was there comes back, and a restore can be done again",
  async ({ leave }) => {
    await write("before");
    await backUp("local-2");
    await write("since");
    await environment.shutDown();
    await asKilled({ answered: false });
    await leave();

    expect((await observeWithoutSupervisor(paths, "local")).database).toEqual({
      running: false,
      version: "18",
    });
    environment = await supervise();
    await prepare();
    expect(await notes()).toEqual(["before", "since"]);
    expect(await readdir(paths.postgres)).toEqual(["18"]);
    await restore("local-2", "local-3");
    expect(await notes()).toEqual(["before"]);
  },
  60_000,
);

test("killed after a server has answered, what was put there stays, and what was replaced is a backup", async () => {
  await write("before");
  await backUp("local-2");
  await write("since");
  await environment.shutDown();
  await asKilled({ answered: true });
  await rename(join(paths.postgres, "18"), join(paths.backups, ".replaced", "data"));
  await rename(join(paths.postgres, ".restoring"), join(paths.postgres, "18"));

  environment = await supervise();
  await prepare();
  expect(await notes()).toEqual(["before"]);
  expect(await ids()).toEqual(["local-2", "local-3"]);
  await restore("local-3", "local-4");
  expect(await notes()).toEqual(["before", "since"]);
}, 60_000);

test("data that is gone is brought back by a restore", async () => {
  await write("before");
  await backUp("local-2");
  await environment.shutDown();
  await rm(paths.postgres, { recursive: true });
  environment = await supervise();
  await environment.prepare({ fencingToken: 1, needs: { services: [], postgres: null } }, silent);
  expect((await restore("local-2", "local-3")).backup).toBeNull();
  await prepare();
  expect(await notes()).toEqual(["before"]);
}, 60_000);

const silent = () => undefined;
const signal = new AbortController().signal;

async function supervise(): Promise<Environment> {
  const state = await readState(paths.state, "local");
  return createEnvironment({ paths, state, runner: {} as ReplicaRunner, say: silent });
}

async function prepare(): Promise<void> {
  const prepared = await environment.prepare(
    { fencingToken: 1, needs: { services: [], postgres: "18" } },
    silent,
  );
  url = prepared.databaseUrl ?? "";
}

const backUp = (id: string, keep = 3) =>
  environment.backUp({ id, keep, fencingToken: 1, operationId: id }, silent, signal);

const restore = (backup: string, deployment: string) =>
  environment.restore(
    { backup, reference: backup, deployment, fencingToken: 1, operationId: deployment },
    silent,
    signal,
  );

/** What a restore of local-2 by local-3 has done when it was killed: a copy beside, and a note of what it is about to do. */
async function asKilled({ answered }: { readonly answered: boolean }): Promise<void> {
  await cp(join(paths.backups, "local-2", "data"), join(paths.postgres, ".restoring"), { recursive: true });
  await mkdir(join(paths.backups, ".replaced"), { recursive: true });
  const restoring = { deployment: "local-3", postgresMajor: "18", answered };
  await writeFile(paths.state, JSON.stringify({ ...(await readState(paths.state, "local")), restoring }));
}

const ids = async () => (await storedBackups(paths.backups)).map(({ id }) => id);
const write = (text: string) => query(`INSERT INTO note VALUES ('${text}')`);

async function notes(): Promise<string[]> {
  return (await query<{ text: string }>("SELECT text FROM note ORDER BY ctid")).map(({ text }) => text);
}

function query<T extends pg.QueryResultRow>(text: string): Promise<T[]> {
  return queryDatabaseAt<T>(url, text);
}
