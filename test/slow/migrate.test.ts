import { cpSync, writeFileSync } from "node:fs";
import { appendFile, mkdir } from "node:fs/promises";
import { join } from "node:path";
import type { Client } from "@dagger.io/dagger";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { loadConfig } from "../../src/config/config.ts";
import {
  checkDrift,
  migrateDeploy,
  pendingMigrations,
  rehearseMigrations,
} from "../../src/database/database.ts";
import { createDatabase, type RunningPostgres, startPostgres } from "../../src/host/postgres/postgres.ts";
import { silentProgress } from "../../src/model/progress.ts";
import { openProject, runChecks } from "../../src/steps/steps.ts";
import { testEngine, type TestEngine } from "../engine/support/engine.ts";

/** The shop's own Prisma, in steps of the embedded engine, against real PostgreSQL. */
const migrations = join("packages", "database", "prisma", "migrations");
let engine: TestEngine;
let dag: Client;
let postgres: RunningPostgres;

beforeAll(async () => {
  engine = await testEngine();
  dag = await engine.client();
  postgres = await startPostgres({ dataDirectory: join(engine.workdir, "postgres") });
});

afterAll(async () => {
  await postgres.stop();
  await engine[Symbol.asyncDispose]();
});

let copies = 0;

/** A copy of the shop with a change, ready for steps. */
async function shop(change: (directory: string) => Promise<void> = async () => Promise.resolve()) {
  const directory = join(engine.workdir, `shop-${String(++copies)}`);
  cpSync(new URL("../../examples/shop", import.meta.url), directory, {
    recursive: true,
    filter: (path) => !path.includes("node_modules"),
  });
  await change(directory);
  const source = dag.host().directory(directory);
  return openProject(dag, source, loadConfig(await source.file("fairway.yaml").contents(), "fairway.yaml"));
}

async function migration(directory: string, name: string, sql: string): Promise<void> {
  await mkdir(join(directory, migrations, name), { recursive: true });
  writeFileSync(join(directory, migrations, name, "migration.sql"), sql);
}

/** A database of its own, as a live one is given: its address is a secret, and no step of it comes from the cache. */
async function live(name: string) {
  await createDatabase(postgres, name);
  let operations = 0;
  return () => ({
    url: dag.setSecret(name, postgres.url(name)),
    operationId: `${name}/${String(++operations)}`,
  });
}

describe("the migrations of a repository", () => {
  it("apply to an empty database that ends with the step, and make what the schema describes", async () => {
    const project = await shop();
    expect(await rehearseMigrations(project, silentProgress)).toMatchObject({
      name: "rehearsal",
      verdict: "pass",
    });
    expect(await checkDrift(project, silentProgress)).toMatchObject({ name: "drift", verdict: "pass" });
  });

  it("are reported as lacking what the schema has and they have not, with the SQL and the command that adds it", async () => {
    const project = await shop((directory) =>
      appendFile(
        join(directory, "packages/database/prisma/schema.prisma"),
        "\nmodel Forgotten {\n  id Int @id\n}\n",
      ),
    );
    const evidence = await checkDrift(project, silentProgress);
    expect(evidence).toMatchObject({
      verdict: "fail",
      summary: "packages/database/prisma/schema.prisma was changed without a migration",
      details: expect.stringContaining('CREATE TABLE "Forgotten"') as string,
      repeat:
        "pnpm --dir packages/database exec prisma migrate dev --name describe_the_change --schema prisma/schema.prisma",
    });
  });

  it("are pending on a live database until they are applied, and then no more", async () => {
    const project = await shop();
    const database = await live("fresh");
    const before = await pendingMigrations(project, database(), silentProgress);
    expect(before.applied).toEqual([]);
    expect(before.pending.length).toBeGreaterThanOrEqual(3);
    expect(await migrateDeploy(project, database(), silentProgress)).toContain("successfully applied");
    const after = await pendingMigrations(project, database(), silentProgress);
    expect(after.pending).toEqual([]);
    expect(after.changed).toEqual([]);
    expect(after.applied).toEqual(before.pending.map(({ name }) => name));
    expect(await migrateDeploy(project, database(), silentProgress)).toContain("No pending migrations");
  });

  it("that fail are named with what PostgreSQL says, and stop all further ones until a person resolves them", async () => {
    const project = await shop((directory) =>
      migration(directory, "29991231000000_bad", 'CREATE TABLE "a" (id int);\nSELECT 1/0;'),
    );
    const database = await live("failing");
    await expect(migrateDeploy(project, database(), silentProgress)).rejects.toMatchObject({
      code: "MIGRATE_FAILED",
      exitCode: 1,
      place: "packages/database/prisma/migrations/29991231000000_bad/migration.sql",
      output: expect.stringContaining("ERROR: division by zero (SQLSTATE 22012)") as string,
      remedy: expect.stringContaining("prisma migrate resolve --rolled-back 29991231000000_bad") as string,
    });
    const held = { code: "MIGRATION_FAILED_BEFORE", exitCode: 3 };
    await expect(pendingMigrations(project, database(), silentProgress)).rejects.toMatchObject(held);
    await expect(migrateDeploy(project, database(), silentProgress)).rejects.toMatchObject(held);
  });

  it("fail rehearsal and drift with what PostgreSQL says when they do not apply to an empty database", async () => {
    const project = await shop((directory) =>
      migration(directory, "29991231000000_bad", "DROP TABLE nowhere;"),
    );
    const said = expect.stringContaining('ERROR: table "nowhere" does not exist') as string;
    expect(await rehearseMigrations(project, silentProgress)).toMatchObject({
      verdict: "fail",
      summary: "the migration 29991231000000_bad fails on an empty database",
      details: said,
    });
    await expect(checkDrift(project, silentProgress)).rejects.toMatchObject({
      code: "DRIFT_UNKNOWN",
      output: said,
    });
  });

  it("never show the address of a live database", async () => {
    const project = await shop();
    const url = "postgresql://app:canary-4711@127.0.0.1:1/app";
    const database = { url: dag.setSecret("unreachable", url), operationId: "unreachable" };
    for (const act of [migrateDeploy, pendingMigrations]) {
      const error = (await act(project, database, silentProgress).catch(
        (thrown: unknown) => thrown,
      )) as Error & { output?: string };
      expect(error).toMatchObject({ exitCode: 1 });
      expect(`${error.message}\n${error.output ?? ""}`).not.toContain("canary-4711");
    }
  });
});

describe("the integration check", () => {
  it("passes with a migrated database of its own", async () => {
    const project = await shop();
    const [evidence] = await runChecks(
      { now: new Date(), project, progress: silentProgress, command: "npx fairway" },
      ["integration"],
    );
    expect(evidence).toMatchObject({ name: "integration", verdict: "pass" });
  });
});
