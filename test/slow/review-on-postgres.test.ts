import { chmod, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import pg from "pg";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { migrationFile, reviewMigrations } from "../../src/database/database.ts";
import type { Example, Rule } from "../../src/database/review/rules/rule.ts";
import { rules } from "../../src/database/review/rules/rules.ts";
import { harmlessVolatileFunctions, readingFunctions } from "../../src/database/review/sql/functions.ts";
import { parseSql } from "../../src/database/review/sql/parse.ts";
import { type RunningPostgres, startPostgres } from "../../src/host/postgres/postgres.ts";

const root = await mkdtemp(join(tmpdir(), "fairway-review-"));
// Entered by uid 65534, which root runs the server as.
await chmod(root, 0o755);
let server: RunningPostgres;
let databases = 0;

beforeAll(async () => {
  server = await startPostgres({
    dataDirectory: join(root, "data"),
    cacheDirectory: join(root, "cache"),
    database: "app",
  });
  await query("app", "CREATE ROLE app; CREATE ROLE admin; CREATE ROLE reports");
}, 180_000);

afterAll(async () => {
  await server.stop();
  await rm(root, { recursive: true, force: true });
});

describe("what the review says of PostgreSQL", () => {
  it("names as reading only functions that PostgreSQL calls immutable or stable", async () => {
    const found = await volatilities([...readingFunctions]);
    expect(found.filter(({ volatile }) => volatile)).toEqual([]);
    expect(new Set(found.map(({ name }) => name))).toEqual(readingFunctions);
  });

  it("names as harmless other functions that are there", async () => {
    const found = await volatilities([...harmlessVolatileFunctions]);
    expect(new Set(found.map(({ name }) => name))).toEqual(harmlessVolatileFunctions);
  });

  it.each([
    ["SELECT 1; CREATE INDEX CONCURRENTLY i ON a (b)", "concurrently-in-transaction"],
    ["BEGIN; SELECT 1; COMMIT; CREATE INDEX CONCURRENTLY i ON a (b)", "concurrently-in-transaction"],
    ["SELECT 1; DROP INDEX CONCURRENTLY a_b", "concurrently-in-transaction"],
    ["SELECT 1; REINDEX TABLE CONCURRENTLY a", "concurrently-in-transaction"],
    ["CREATE INDEX CONCURRENTLY i ON p (b)", "concurrently-on-partitioned"],
    ["SELECT 1; VACUUM a", "maintenance-in-transaction"],
    ["SELECT 1; CLUSTER", "maintenance-in-transaction"],
    ["SELECT 1; REINDEX SCHEMA public", "maintenance-in-transaction"],
    ["SELECT 1; ALTER SYSTEM SET work_mem = '5MB'", "maintenance-in-transaction"],
  ])("is right that %s fails", async (sql, rule) => {
    const before =
      "CREATE TABLE a (id int PRIMARY KEY, b int); CREATE INDEX a_b ON a (b); CREATE TABLE p (b int) PARTITION BY LIST (b);";
    const database = await newDatabase(before);
    await expect(query(database, sql)).rejects.toThrow(/transaction block|partitioned table/);
    expect((await reviewed(before, sql)).map((finding) => finding.rule)).toContain(rule);
  });

  it("is right that SET LOCAL counts until the next COMMIT, and not without a transaction", async () => {
    const database = await newDatabase("");
    const show = (sql: string) => query(database, sql).then((rows) => rows[0]?.["lock_timeout"]);
    expect(await show("SET LOCAL lock_timeout = '5s'; SHOW lock_timeout")).toBe("5s");
    expect(await show("SET LOCAL lock_timeout = '5s'; COMMIT; SHOW lock_timeout")).toBe("0");
  });
});

/** What a step may lack that the rest of the migration brings: it is about names, and not about the step. */
const brought = ["42P01", "42703", "42704", "42883", "42710", "2BP01"];

describe("the safe way of each rule runs on PostgreSQL", () => {
  it.each(rules.map((rule) => [rule.id, rule] as const))("for %s", async (id, rule) => {
    for (const example of rule.examples.bad) {
      const steps = await safeSteps(rule, example);
      if (steps.length === 0) continue;
      const database = await newDatabase(typeof example === "string" ? "" : (example.before ?? ""));
      for (const step of steps) {
        const failed = await run(database, step).catch(
          (error: unknown) => error as Error & { code?: string },
        );
        if (failed === undefined || brought.includes(failed.code ?? "")) continue;
        // Without a unique index it says so; whether there is one is not known here.
        if (id === "refresh-view-not-concurrent" && failed.code === "55000") continue;
        expect.fail(`${step}: ${failed.message}`);
      }
    }
  });
});

async function safeSteps(rule: Rule, example: Example): Promise<string[]> {
  const {
    before = "",
    sql,
    postgres,
    transaction,
  } = typeof example === "string" ? { sql: example } : example;
  // The server here is a new one.
  if (postgres !== undefined) return [];
  const found = (await reviewed(before, sql, rule, transaction)).find((finding) => finding.rule === rule.id);
  return (found?.instead ?? []).flatMap((step) => ("sql" in step ? [step.sql] : []));
}

async function reviewed(before: string, sql: string, rule?: Rule, transaction?: "file" | "statement") {
  const { migrations } = await reviewMigrations(
    [migrationFile("1", "1.sql", before), migrationFile("2", "2.sql", sql)],
    {
      applied: ["1"],
      ...(rule === undefined ? {} : { rules: [rule] }),
      ...(transaction === undefined ? {} : { transaction }),
    },
  );
  return migrations[0]!.findings;
}

/** As a migration is run; with values that are yet to be given, PostgreSQL says what it thinks of the statement. */
async function run(database: string, step: string): Promise<undefined> {
  const parsed = await parseSql(step);
  if (!parsed.ok) throw new Error(parsed.message);
  const open = parsed.statements.filter(({ text }) => /\$\d/.test(text));
  if (open.length === 0) await query(database, step);
  for (const { text } of open) await query(database, `PREPARE step AS ${text}`);
}

async function newDatabase(before: string): Promise<string> {
  const name = `review_${String(databases++)}`;
  await query("app", `CREATE DATABASE ${name}`);
  const parsed = await parseSql(before);
  // One after the other: some of them stand in no transaction. What an example leaves to be imagined is not there.
  for (const { text } of parsed.ok ? parsed.statements : []) await query(name, text).catch(() => undefined);
  return name;
}

async function volatilities(names: readonly string[]): Promise<{ name: string; volatile: boolean }[]> {
  const list = names.map((name) => `'${name}'`).join(", ");
  const rows = await query(
    "app",
    "SELECT proname::text AS name, bool_or(provolatile = 'v') AS volatile FROM pg_proc " +
      `WHERE pronamespace = 'pg_catalog'::regnamespace AND proname IN (${list}) GROUP BY 1 ORDER BY 1`,
  );
  return rows as { name: string; volatile: boolean }[];
}

async function query(database: string, sql: string): Promise<Record<string, unknown>[]> {
  const client = new pg.Client({ connectionString: server.url(database) });
  await client.connect();
  try {
    const result = (await client.query(sql)) as pg.QueryResult | pg.QueryResult[];
    return (Array.isArray(result) ? result.at(-1)! : result).rows as Record<string, unknown>[];
  } finally {
    await client.end();
  }
}
