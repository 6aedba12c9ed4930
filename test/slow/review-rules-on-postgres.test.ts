import { type LockMode, lockModes } from "../../src/database/lock-modes.ts";
import { chmod, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import pg from "pg";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { migrationFile, reviewMigrations } from "../../src/database/database.ts";
import type { Example } from "../../src/database/review/rules/rule.ts";
import { rules } from "../../src/database/review/rules/rules.ts";
import { parseSql } from "../../src/database/review/sql/parse.ts";
import { startPostgres, type RunningPostgres } from "../../src/host/postgres/postgres.ts";

let root: string;
let server: RunningPostgres;
let client: pg.Client;
let notices: string[] = [];

beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), "fairway-rules-"));
  // Entered by uid 65534, which root runs the server as.
  await chmod(root, 0o755);
  server = await startPostgres({ dataDirectory: join(root, "data"), template: true });
  client = new pg.Client({ connectionString: server.url() });
  client.on("notice", ({ message }) => notices.push(message ?? ""));
  await client.connect();
  await client.query("CREATE EXTENSION citext SCHEMA pg_catalog");
  await client.query("CREATE EXTENSION btree_gist SCHEMA pg_catalog");
});

afterAll(async () => {
  await client.end();
  await server.stop();
  await rm(root, { recursive: true, force: true });
});

const examples = rules.flatMap(({ id, examples: { bad, good, goodInContext } }) =>
  [...bad, ...good, ...goodInContext].map((example) => ({ id, ...partsOf(example) })),
);

/** They speak of what nothing makes: a table before the first migration that is given, a tablespace, a trigger. */
const isMade = ({ before, sql }: { before: string; sql: string }) =>
  (before !== "" || /^(CREATE|BEGIN)/.test(sql)) && !notMade.test(sql);

const notMade =
  /TABLESPACE|EVENT TRIGGER|ALTER SYSTEM|(DROP|COMMENT ON|DISABLE|ENABLE) (TRIGGER|RULE) (IF EXISTS )?(seen|keep)/;

/** Rules about what PostgreSQL refuses. */
const refused = new Set([
  "change-type-to-serial",
  "concurrently-in-transaction",
  "concurrently-on-partitioned",
]);

const partitioned =
  "CREATE TABLE b (id int PRIMARY KEY); CREATE TABLE p (id int, k int, t text) PARTITION BY LIST (k);" +
  "CREATE TABLE p1 PARTITION OF p FOR VALUES IN (1); CREATE TABLE p2 PARTITION OF p FOR VALUES IN (2) PARTITION BY LIST (id);" +
  "CREATE TABLE p21 PARTITION OF p2 FOR VALUES IN (1);";

const ofPartitions = [
  "ALTER TABLE p ADD COLUMN c int",
  "ALTER TABLE p DROP COLUMN t",
  "ALTER TABLE p RENAME COLUMN t TO u",
  "ALTER TABLE p ALTER COLUMN t TYPE int USING length(t)",
  "ALTER TABLE p ALTER COLUMN t SET NOT NULL",
  "ALTER TABLE p ALTER COLUMN t SET DEFAULT 'x'",
  "ALTER TABLE p ADD CONSTRAINT c CHECK (id > 0)",
  "ALTER TABLE p ADD CONSTRAINT c FOREIGN KEY (id) REFERENCES b (id) NOT VALID",
  "ALTER TABLE p ADD CONSTRAINT c UNIQUE (id, k)",
  "CREATE INDEX i ON p (id)",
  "CREATE INDEX i ON ONLY p (id)",
  "ALTER TABLE p RENAME TO q",
  "TRUNCATE p",
  "DROP TABLE p",
  "DROP TABLE p1",
  "LOCK TABLE p",
  "UPDATE p SET t = 'y'",
  "ALTER TABLE p ENABLE ROW LEVEL SECURITY",
  "ANALYZE p",
].map((sql) => ({ id: "partitions", before: partitioned, sql, postgres: 18 }));

const runnable = [...examples, ...ofPartitions].filter(
  (example) => isMade(example) && example.postgres >= 18 && !refused.has(example.id),
);

describe("what the review says that a statement locks, reads and rewrites", () => {
  it.each(runnable)("is what PostgreSQL does: $id: $sql", async ({ before, sql }) => {
    await freshSchema(`${before} ${sql}`);
    for (const statement of await statementsOf(before)) await client.query(statement);
    const names = await tables();
    const { migrations } = await reviewMigrations(
      [migrationFile("0", "0.sql", before), migrationFile("1", "1.sql", sql)],
      { applied: ["0"], postgres: 18, transaction: "statement" },
    );
    for (const [index, statement] of (await statementsOf(sql)).entries()) {
      const { effects } = migrations[0]!.statements[index]!;
      // They cannot run in a transaction, and their locks are gone when one can look.
      if (
        /CONCURRENTLY|^(VACUUM|REINDEX|BEGIN|COMMIT|SET|ALTER SYSTEM|CREATE DATABASE|DROP DATABASE)/i.test(
          statement,
        )
      ) {
        await client.query(statement);
        continue;
      }
      const files = await fileNodes();
      notices = [];
      await client.query("BEGIN; SET LOCAL client_min_messages = debug1");
      await client.query(statement);
      const taken = await locks(names);
      const filesAfter = await fileNodes();
      const rewritten = [...files].flatMap(([id, node]) =>
        names.has(id) && filesAfter.has(id) && filesAfter.get(id) !== node ? [names.get(id)] : [],
      );
      await client.query("COMMIT");
      const known = new Set(names.values());
      const said = strongest(
        effects.flatMap((effect) => effect.locks).map(({ table, mode }) => [table, mode] as const),
      );
      expect(Object.fromEntries([...said].filter(([table]) => known.has(table)).sort())).toEqual(
        Object.fromEntries([...taken].sort()),
      );
      const saidRewritten = effects.flatMap(({ rewrites }) => rewrites).filter((table) => known.has(table));
      // At this level PostgreSQL says of which tables it reads each row.
      const read = notices.some((text) =>
        /^(verifying|rewriting) table|^validating foreign|^building index "(?!pg_toast)/.test(text),
      );
      const saidRead = effects.some(({ scans, rewrites }) => scans.length + rewrites.length > 0);
      if (/^ALTER TABLE/i.test(statement)) expect(saidRead).toBe(read);
      // TRUNCATE and REFRESH begin a new file too, and copy nothing.
      if (!/^(TRUNCATE|REFRESH)/.test(statement)) expect(saidRewritten.sort()).toEqual(rewritten.sort());
    }
  });
});

function partsOf(example: Example): { before: string; sql: string; postgres: number } {
  if (typeof example === "string") return { before: "", sql: example, postgres: 18 };
  return { before: example.before ?? "", sql: example.sql, postgres: example.postgres ?? 18 };
}

async function statementsOf(sql: string): Promise<string[]> {
  const parsed = await parseSql(sql);
  return parsed.ok ? parsed.statements.map(({ text }) => text) : [];
}

let schemas = 0;

/** A database as new: examples make schemas of their own. */
async function freshSchema(sql: string) {
  const name = `example_${String(++schemas)}`;
  await client.query("ROLLBACK");
  await client.query("DISCARD ALL");
  const { rows } = await client.query<{ name: string }>(
    "SELECT nspname AS name FROM pg_namespace WHERE nspname !~ '^pg_' AND nspname <> 'information_schema'",
  );
  for (const { name } of rows) await client.query(`DROP SCHEMA "${name}" CASCADE`);
  await client.query(`CREATE SCHEMA ${name}`);
  await client.query(`SET search_path = ${name}`);
  // What examples name, and do not make.
  for (const role of ["admin", "app", "reports"]) {
    await client.query(`DROP ROLE IF EXISTS ${role}`);
    if (!new RegExp(`CREATE (ROLE|USER) ${role}`).test(sql)) await client.query(`CREATE ROLE ${role}`);
  }
  for (const schema of ["billing", "shop"])
    if (sql.includes(`${schema}.`) && !sql.includes(`CREATE SCHEMA ${schema}`))
      await client.query(`CREATE SCHEMA ${schema}`);
  const body = "BEGIN RETURN NEW; END";
  if (!sql.includes("CREATE FUNCTION see"))
    await client.query(`CREATE FUNCTION see() RETURNS trigger LANGUAGE plpgsql AS '${body}'`);
}

const own = `c.relkind IN ('r', 'p', 'v', 'm') AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'`;
const named = `CASE WHEN n.nspname = current_schema() THEN c.relname ELSE n.nspname || '.' || c.relname END`;

async function tables(): Promise<Map<number, string>> {
  const { rows } = await client.query<{ id: number; name: string }>(
    `SELECT c.oid::int AS id, ${named} AS name FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE ${own}`,
  );
  return new Map(rows.map(({ id, name }) => [id, name]));
}

async function fileNodes(): Promise<Map<number, number>> {
  const { rows } = await client.query<{ id: number; node: number }>(
    `SELECT c.oid::int AS id, pg_relation_filenode(c.oid)::int AS node FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
     WHERE ${own} AND c.relkind IN ('r', 'm')`,
  );
  return new Map(rows.map(({ id, node }) => [id, node]));
}

async function locks(names: ReadonlyMap<number, string>): Promise<Map<string, LockMode>> {
  const { rows } = await client.query<{ id: number; mode: string }>(
    "SELECT relation::int AS id, mode FROM pg_locks WHERE pid = pg_backend_pid() AND locktype = 'relation'",
  );
  return strongest(
    rows.flatMap(({ id, mode }) => {
      const name = names.get(id);
      const spelled = mode
        .replace(/Lock$/, "")
        .replace(/([a-z])([A-Z])/g, "$1 $2")
        .toUpperCase() as LockMode;
      return name === undefined || spelled === "ACCESS SHARE" ? [] : [[name, spelled] as const];
    }),
  );
}

function strongest(found: readonly (readonly [string, LockMode])[]): Map<string, LockMode> {
  const modes = new Map<string, LockMode>();
  for (const [table, mode] of found) {
    const before = modes.get(table);
    if (before === undefined || lockModes.indexOf(mode) > lockModes.indexOf(before)) modes.set(table, mode);
  }
  return modes;
}
