import { cpSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { loadConfig } from "../../src/config/config.ts";
import { requireScripts, scriptBackups } from "../../src/database/database.ts";
import { type RunningPostgres, startPostgres } from "../../src/host/postgres/postgres.ts";
import { silentProgress } from "../../src/model/progress.ts";
import type { OperationContext } from "../../src/model/target.ts";
import { openProject, type Project } from "../../src/steps/steps.ts";
import { testEngine, type TestEngine } from "../engine/support/engine.ts";
import { failureOf } from "../support/failure-of.ts";
import { queryDatabaseAt } from "../support/local-database.ts";

/** Scripts of a repository, as steps of the embedded engine, on a real PostgreSQL. */
let engine: TestEngine;
let project: Project;
let postgres: RunningPostgres;
let runs = 0;

const scripts = {
  "db:backup": "node backup.cjs make",
  "db:restore": "node backup.cjs restore",
  "db:tells": 'node -e "console.log(process.env.DATABASE_URL)"',
  "db:silent": "node -e 0 >/dev/null",
  "db:fails": "echo the bucket is full >&2; exit 3",
};

const program = `
const { Client } = require("pg");
const [, , what] = process.argv;
const main = async () => {
  const client = new Client({ connectionString: process.env.DATABASE_URL });
  await client.connect();
  if (what === "make") {
    const name = "snapshot_" + process.env.FAIRWAY_DEPLOYMENT.replace("-", "_") + "_" + process.env.SNAPSHOT_TOKEN.length;
    await client.query("DROP TABLE IF EXISTS " + name);
    await client.query("CREATE TABLE " + name + " AS TABLE note");
    console.log("a snapshot is made");
    console.log(name);
  } else {
    await client.query("DELETE FROM note");
    await client.query("INSERT INTO note SELECT * FROM " + process.env.FAIRWAY_BACKUP);
  }
  await client.end();
};
main();
`;

beforeAll(async () => {
  engine = await testEngine();
  const directory = join(engine.workdir, "notes");
  cpSync(new URL("../e2e/fixtures/notes", import.meta.url), directory, { recursive: true });
  const manifest = JSON.parse(readFileSync(join(directory, "package.json"), "utf8")) as { scripts: object };
  writeFileSync(
    join(directory, "package.json"),
    JSON.stringify({ ...manifest, scripts: { ...manifest.scripts, ...scripts } }),
  );
  writeFileSync(join(directory, "backup.cjs"), program);
  const dag = await engine.client();
  const source = dag.host().directory(directory);
  project = await openProject(
    dag,
    source,
    loadConfig(await source.file("fairway.yaml").contents(), "fairway.yaml"),
  );
  postgres = await startPostgres({ dataDirectory: join(engine.workdir, "postgres"), database: "app" });
  await query("CREATE TABLE note (text text)");
});

afterAll(async () => {
  await postgres.stop();
  await engine[Symbol.asyncDispose]();
});

it("a backup is what its script prints last; the restore script gets just that", async () => {
  await query("INSERT INTO note VALUES ('before')");
  const backups = backupsBy("db:backup");
  const made = await backups.make({ id: "production-2", keep: null }, context());
  expect(made.backup).toEqual({ id: "production-2", reference: "snapshot_production_2_12", sizeBytes: null });
  await query("INSERT INTO note VALUES ('since')");
  const request = {
    backup: "production-2",
    reference: "snapshot_production_2_12",
    deployment: "production-3",
  };
  expect((await backups.restore(request, context())).backup).toBeNull();
  expect(await notes()).toEqual(["before"]);
  expect(await backups.restoreState(request)).toBe("unknown");
  expect(await backups.list()).toBeNull();
});

it("asked twice, it is made twice: no engine answers it from a cache", async () => {
  const backups = backupsBy("db:backup");
  await backups.make({ id: "production-4", keep: null }, context());
  await query("INSERT INTO note VALUES ('between')");
  await backups.make({ id: "production-4", keep: null }, context());
  const [row] = await query("SELECT count(*)::int AS count FROM snapshot_production_4_12");
  expect(row).toEqual({ count: (await notes()).length });
});

it.each([
  ["db:tells", "BACKUP_WITHOUT_NAME", "its last line holds a secret"],
  ["db:silent", "BACKUP_WITHOUT_NAME", "it printed nothing"],
  ["db:fails", "BACKUP_SCRIPT_FAILED", "the script db:fails failed"],
])("the script %s makes no backup: %s", async (script, code, message) => {
  const error = await failureOf(backupsBy(script).make({ id: "production-5", keep: null }, context()));
  expect(error).toMatchObject({ code, exitCode: 1 });
  expect(error.message).toContain(message);
  expect([error.message, error.output, error.remedy].join("\n")).not.toContain(postgres.password);
  if (script === "db:fails") expect(error.output).toContain("the bucket is full");
});

it("a script that is not there, and a secret without a value, are told before anything is run", async () => {
  const missing = { backup: "db:backup", restore: "db:nowhere", environment: "production" };
  expect(() => {
    requireScripts(project, missing);
  }).toThrow("package.json has no script db:nowhere");
  const error = await failureOf(
    backupsBy("db:backup").make(
      { id: "production-6", keep: null },
      { ...context(), secrets: { DATABASE_URL: "x" } },
    ),
  );
  expect(error).toMatchObject({ code: "SECRETS_MISSING", exitCode: 2 });
});

function backupsBy(backup: string) {
  return scriptBackups(
    project,
    { backup, restore: "db:restore", secrets: ["SNAPSHOT_TOKEN"], environment: "production" },
    {
      database: ({ operationId, secrets }) => ({
        url: project.client.setSecret(`database/${operationId}`, secrets["DATABASE_URL"] ?? ""),
        operationId,
      }),
      progress: silentProgress,
    },
  );
}

function context(): OperationContext {
  return {
    fencingToken: 1,
    operationId: `operation-${String(++runs)}`,
    secrets: { DATABASE_URL: postgres.url(), SNAPSHOT_TOKEN: "twelve-chars" },
    signal: new AbortController().signal,
    report: () => undefined,
  };
}

async function notes(): Promise<unknown[]> {
  return (await query("SELECT text FROM note ORDER BY ctid")).map(({ text }) => text as unknown);
}

function query(text: string) {
  return queryDatabaseAt(postgres.url(), text);
}
