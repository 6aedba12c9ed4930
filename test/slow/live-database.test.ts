import { createHash } from "node:crypto";
import { chmod, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import pg from "pg";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { comparable, type Difference, differences } from "../../src/database/inspect/compare.ts";
import type { Inspected } from "../../src/database/inspect/objects.ts";
import { inspect } from "../../src/database/inspect/run/inspect.ts";
import { openReadOnly } from "../../src/database/inspect/run/read-only.ts";
import { schemaStatements } from "../../src/database/inspect/statements.ts";
import { createDatabase, type RunningPostgres, startPostgres } from "../../src/host/postgres/postgres.ts";

const root = await mkdtemp(join(tmpdir(), "fairway-inspect-"));
// Entered by uid 65534, which root runs the server as.
await chmod(root, 0o755);
let server: RunningPostgres;
let databases = 0;

beforeAll(async () => {
  server = await startPostgres({ dataDirectory: join(root, "data"), database: "empty" });
}, 60_000);

afterAll(async () => {
  await server.stop();
  await rm(root, { recursive: true, force: true });
});

const first = `
  CREATE TYPE mood AS ENUM ('happy', 'sad');
  CREATE TABLE users (id serial PRIMARY KEY, email text NOT NULL, mood mood DEFAULT 'happy', "Last Seen" timestamptz);
  CREATE UNIQUE INDEX users_email_key ON users (email);
  CREATE TABLE orders (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, user_id int NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    total numeric(10, 2), CONSTRAINT positive CHECK (total > 0), twice numeric GENERATED ALWAYS AS (total * 2) STORED);
  CREATE VIEW richest AS SELECT user_id, sum(total) AS total FROM orders GROUP BY 1;
  CREATE FUNCTION one() RETURNS int LANGUAGE sql AS 'SELECT 1';
  CREATE DOMAIN percent AS int CHECK (VALUE BETWEEN 0 AND 100);
  CREATE TABLE events (at date NOT NULL, what text) PARTITION BY RANGE (at);
  CREATE TABLE events_2026 PARTITION OF events FOR VALUES FROM ('2026-01-01') TO ('2027-01-01');
  CREATE INDEX events_what ON events (what);
  ALTER TABLE users ENABLE ROW LEVEL SECURITY;
  CREATE POLICY own ON users FOR SELECT USING (id = 1);`;
const second = "ALTER TABLE users ADD COLUMN nick text;";

/** A database to which these were applied as Prisma does, and something besides. */
async function live(migrations: Readonly<Record<string, string>>, byHand = "SELECT 1"): Promise<string> {
  const name = `live_${String(++databases)}`;
  await createDatabase(server, name);
  const url = server.url(name);
  await run(
    url,
    "CREATE TABLE _prisma_migrations (migration_name text, checksum text, finished_at timestamptz, rolled_back_at timestamptz, logs text, started_at timestamptz)",
  );
  for (const [migration, sql] of Object.entries(migrations)) {
    await run(url, sql);
    await run(
      url,
      `INSERT INTO _prisma_migrations VALUES ('${migration}', '${createHash("sha256").update(sql).digest("hex")}', now(), NULL, NULL, now())`,
    );
  }
  await run(url, byHand);
  return url;
}

async function run(url: string, sql: string): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    await client.query(sql);
  } finally {
    await client.end();
  }
}

const migrations = [
  { name: "1_first", parts: [first] },
  { name: "2_second", parts: [second] },
];

function inspected(url: string): Promise<Inspected> {
  return inspect(url, { empty: server.url("empty"), migrations });
}

function found(of: Inspected): readonly Difference[] {
  const { live: there, made } = comparable(of);
  return differences(there, made);
}

describe("a live database", () => {
  it("that its own migrations made does not differ from them, also while others are pending", async () => {
    const of = await inspected(await live({ "1_first": first }));
    expect(of.made).not.toHaveProperty("problem");
    expect(of.rows).toMatchObject([{ name: "1_first", finished: true }]);
    expect(found(of)).toEqual([]);
    expect(of.objects.length).toBeGreaterThan(20);
  });

  it.each([
    ["CREATE INDEX hot ON orders (total)", "database", "index", "hot"],
    ["CREATE TABLE notes (id int)", "database", "table", "notes"],
    ["ALTER TABLE users ADD COLUMN age int", "database", "column", "users.age"],
    ['ALTER TABLE users DROP COLUMN "Last Seen"', "migrations", "column", 'users."Last Seen"'],
    ["ALTER TABLE users ALTER mood SET DEFAULT 'sad'", "both", "column", "users.mood"],
    ["ALTER TABLE users ALTER COLUMN email DROP NOT NULL", "both", "column", "users.email"],
    ["ALTER TABLE orders ALTER COLUMN total TYPE numeric(12,2)", null, "", ""],
    ["ALTER TABLE orders DROP CONSTRAINT positive", "migrations", "constraint", "orders.positive"],
    ["DROP INDEX users_email_key", "migrations", "index", "users_email_key"],
    ["CREATE OR REPLACE FUNCTION one() RETURNS int LANGUAGE sql AS 'SELECT 2'", "both", "function", "one()"],
    [
      "CREATE OR REPLACE VIEW richest AS SELECT user_id, max(total) AS total FROM orders GROUP BY 1",
      "both",
      "view",
      "richest",
    ],
    ["ALTER TABLE users DISABLE ROW LEVEL SECURITY", "migrations", "row security", "users"],
    ["DROP POLICY own ON users", "migrations", "policy", "users.own"],
    ["ALTER TYPE mood ADD VALUE 'calm'", "both", "type", "mood"],
  ] as const)(
    "in which somebody ran %j differs in just that, and both ways out of it lead there",
    async (sql, where, kind, name) => {
      if (where === null) {
        await expect(live({ "1_first": first }, sql)).rejects.toThrow(/view|generated/);
        return;
      }
      const url = await live({ "1_first": first }, sql);
      const differing = found(await inspected(url));
      expect(differing).toMatchObject([{ in: where, kind, name }]);
      const { forward, back } = differing[0]!;
      if (forward === null || back === null) return;
      await run(url, back);
      expect(found(await inspected(url))).toEqual([]);
      await run(url, forward);
      expect(found(await inspected(url))).toEqual(differing);
    },
  );

  it("has partitions that jobs make, and schemas of others, without differing", async () => {
    const byHand =
      "CREATE TABLE events_2027 PARTITION OF events FOR VALUES FROM ('2027-01-01') TO ('2028-01-01'); CREATE SCHEMA other; CREATE TABLE other.t (id int)";
    expect(found(await inspected(await live({ "1_first": first }, byHand)))).toEqual([]);
  });

  it("is told in statements that make it", async () => {
    const { objects } = await inspected(await live({ "1_first": first, "2_second": second }));
    const again = await live({}, schemaStatements(objects).join(";\n"));
    const { objects: made } = await inspected(again);
    expect(differences(objects, made)).toEqual([]);
  });

  it("cannot be written by the session that looks at it, nor can that be made one that can", async () => {
    await using session = await openReadOnly(await live({ "1_first": first }));
    const refused = /read-only transaction|transaction read-write mode|current transaction is aborted/;
    await session.query("SAVEPOINT s");
    for (const sql of [
      "INSERT INTO users (email) VALUES ('x')",
      "CREATE TABLE x ()",
      "DELETE FROM _prisma_migrations",
      "SELECT nextval('users_id_seq')",
      "SET TRANSACTION READ WRITE",
      "SET transaction_read_only = off",
    ]) {
      await expect(session.query(sql), sql).rejects.toThrow(refused);
      await session.query("ROLLBACK TO SAVEPOINT s");
    }
  });

  it("that is named with Prisma's own parameters, and a schema, is read in that schema", async () => {
    const url = await live(
      {},
      "CREATE SCHEMA app; CREATE TABLE app.t (id int PRIMARY KEY); CREATE INDEX t_id ON app.t (id)",
    );
    const { objects, rows } = await inspected(`${url}?schema=app&connection_limit=1`);
    expect(rows).toBeNull();
    expect(objects.map(({ sql }) => sql)).toContain("CREATE INDEX t_id ON t USING btree (id)");
  });
});
