import { describe, expect, it } from "vitest";
import { migrationFile, reviewMigrations } from "../../../src/database/database.ts";

async function review(sql: string, before = "", transaction: "file" | "statement" = "file") {
  const { migrations } = await reviewMigrations(
    [migrationFile("0", "0.sql", before), migrationFile("1", "1.sql", sql)],
    { applied: ["0"], transaction },
  );
  return migrations[0]!;
}

const phaseOf = async (sql: string, before?: string) => (await review(sql, before)).phase;
const rulesOf = async (sql: string, before?: string, transaction?: "file" | "statement") =>
  (await review(sql, before, transaction)).findings.map(({ rule }) => rule);

describe("a statement that calls functions", () => {
  it.each([
    ["SELECT count(*), max(now()) FROM a", "expand"],
    ["SELECT setval('a_id_seq', (SELECT max(id) FROM a))", "expand"],
    ["SELECT pg_catalog.set_config('search_path', '', false)", "expand"],
    [
      "INSERT INTO a SELECT gen_random_uuid(), jsonb_build_object('a', lower(b)) FROM b WHERE id < 5",
      "backfill",
    ],
    ["UPDATE a SET b = regexp_replace(b, 'x', 'y') WHERE id = 1", "backfill"],
    ["CREATE MATERIALIZED VIEW v AS SELECT f(b) FROM a WITH NO DATA", "expand"],
  ])("is what it is where all are PostgreSQL's own that read: %s", async (sql, phase) => {
    expect(await phaseOf(sql)).toBe(phase);
  });

  it.each([
    "SELECT f(1)",
    "SELECT other.count(1)",
    "VALUES (f(1))",
    "SELECT set_config('search_path', 'billing', false)",
    "SELECT set_config(name, 'x', false) FROM settings",
    "INSERT INTO a VALUES (f(1))",
    "INSERT INTO a VALUES (1) ON CONFLICT (id) DO UPDATE SET b = f(1)",
    "UPDATE a SET b = f(1) WHERE id = 1",
    "UPDATE a SET b = 1 WHERE f(id)",
    "DELETE FROM a WHERE id = 1 RETURNING f(id)",
    "MERGE INTO a USING b ON a.id = b.id WHEN MATCHED THEN UPDATE SET c = f(b.c)",
    "WITH gone AS (DELETE FROM a WHERE f(id) RETURNING id) SELECT 1",
    "CREATE TABLE c AS SELECT f(b) FROM a",
    "SELECT f(b) INTO c FROM a",
    "CREATE MATERIALIZED VIEW v AS SELECT f(b) FROM a",
    "SELECT pg_terminate_backend(1)",
    "SELECT query_to_xml('DROP TABLE a', true, true, '')",
  ])("is unknown where one is not: %s", async (sql) => {
    expect(await phaseOf(sql)).toBe("unknown");
  });
});

describe("what a statement does besides", () => {
  it("is unknown for transactions that are left to somebody else, or undone", async () => {
    for (const sql of [
      "BEGIN; PREPARE TRANSACTION 'x'",
      "COMMIT PREPARED 'x'",
      "BEGIN; CREATE TABLE a (id int); ROLLBACK",
    ])
      expect(await phaseOf(sql)).toBe("unknown");
    expect(await phaseOf("BEGIN; SAVEPOINT s; CREATE TABLE a (id int); RELEASE s; COMMIT")).toBe("expand");
  });

  it("is unknown for statements that are nested beyond what can be followed, and never an error", async () => {
    expect(await phaseOf(`ALTER TABLE a ADD COLUMN b int DEFAULT 1${" + 1".repeat(900)}`)).toBe("expand");
    expect(await phaseOf(`ALTER TABLE a ADD COLUMN b int DEFAULT 1${" + 1".repeat(9_000)}`)).toBe("unknown");
  });

  it("says what a DO block holds, without its texts", async () => {
    const { findings } = await review(
      "DO $$ BEGIN IF true THEN UPDATE a SET b = 'secret'; END IF; EXECUTE 'DROP TABLE a'; END $$",
    );
    expect(findings[0]).toMatchObject({
      rule: "do-block",
      what: expect.stringContaining("UPDATE a SET b = '...' and EXECUTE of a text that it puts together"),
    });
  });

  it.each([
    "CREATE ROLE app PASSWORD 'hunter2'",
    "ALTER USER app WITH ENCRYPTED PASSWORD E'hunter2\\'s'",
    "CREATE ROLE app PASSWORD $x$hunter2$x$",
    "CREATE USER MAPPING FOR app SERVER s OPTIONS (user 'x', password 'hunter2')",
    "CREATE SUBSCRIPTION s CONNECTION 'host=db password=hunter2 user=x' PUBLICATION p",
  ])("is said without the password: %s", async (sql) => {
    expect(JSON.stringify(await review(sql))).not.toContain("hunter2");
  });
});

describe("the schema that is carried along", () => {
  const billing = "CREATE SCHEMA billing; CREATE TABLE billing.orders (id int PRIMARY KEY, buyer int);";

  it("finds an index in the schema of its table", async () => {
    const before = `${billing} CREATE UNIQUE INDEX orders_buyer ON billing.orders (buyer);`;
    expect(await phaseOf("DROP INDEX billing.orders_buyer", before)).toBe("contract");
    expect(await phaseOf("DROP INDEX orders_buyer", before)).toBe("expand");
  });

  it("names an index without a name as PostgreSQL does", async () => {
    const before =
      "CREATE TABLE a (b int); CREATE UNIQUE INDEX ON a (b); CREATE UNIQUE INDEX ON a (b, lower('x'));";
    expect(await phaseOf("DROP INDEX a_b_idx", before)).toBe("contract");
    expect(await phaseOf("DROP INDEX a_b_expr_idx", before)).toBe("contract");
  });

  it("does not know what relies on an index that it has not seen, where it has not seen all", async () => {
    expect(await phaseOf("DROP INDEX CONCURRENTLY i", "DO $$ BEGIN END $$")).toBe("unknown");
    expect(await phaseOf("DROP INDEX CONCURRENTLY i")).toBe("expand");
  });

  it("lets a unique index pass where one on some of its columns is there", async () => {
    const before = "CREATE TABLE a (b int PRIMARY KEY, c int);";
    expect(await phaseOf("CREATE UNIQUE INDEX CONCURRENTLY i ON a (c, b)", before)).toBe("expand");
    expect(await phaseOf("CREATE UNIQUE INDEX CONCURRENTLY i ON a (c)", before)).toBe("contract");
  });

  it("knows functions and sequences that are new to live code", async () => {
    const made = "CREATE FUNCTION f() RETURNS int LANGUAGE sql AS 'select 1'";
    const replaced = made.replace("CREATE", "CREATE OR REPLACE");
    expect(await phaseOf(`${made}; ${replaced}; DROP FUNCTION f`)).toBe("expand");
    expect(await phaseOf(replaced)).toBe("expand");
    expect(await phaseOf(replaced, made)).toBe("unknown");
    expect(await phaseOf(replaced, "DO $$ BEGIN END $$")).toBe("unknown");
    expect(await phaseOf("CREATE SEQUENCE s; ALTER SEQUENCE s RESTART; DROP SEQUENCE s")).toBe("expand");
  });

  it("knows that a policy counts for nothing before row security is on", async () => {
    const table = "CREATE TABLE a (id int);";
    const policy = "CREATE POLICY p ON a USING (id > 0)";
    expect(await phaseOf(policy, table)).toBe("expand");
    expect(await phaseOf(policy, `${table} ALTER TABLE a ENABLE ROW LEVEL SECURITY;`)).toBe("unknown");
    expect(await phaseOf(policy)).toBe("unknown");
  });
});

describe("the transaction that a statement stands in", () => {
  const table = "CREATE TABLE a (id int PRIMARY KEY, b int);";
  const add = "ALTER TABLE a ADD COLUMN c int";

  it("keeps SET LOCAL until its end, and not longer", async () => {
    expect(await rulesOf(`SET LOCAL lock_timeout = '5s'; ${add}`, table)).not.toContain(
      "lock-timeout-missing",
    );
    expect(await rulesOf(`SET LOCAL lock_timeout = '5s'; COMMIT; ${add}`, table)).toContain(
      "lock-timeout-missing",
    );
    expect(await rulesOf(`SET LOCAL lock_timeout = '5s'; ${add}`, table, "statement")).toContain(
      "lock-timeout-missing",
    );
    expect(await rulesOf(`SET lock_timeout = '5s'; ${add}`, table, "statement")).not.toContain(
      "lock-timeout-missing",
    );
    expect(await rulesOf(`SET lock_timeout = '5s'; SET lock_timeout = 0; ${add}`, table)).toContain(
      "lock-timeout-missing",
    );
  });

  it("is the file's again behind a COMMIT in its middle", async () => {
    const sql = "SELECT 1; COMMIT; CREATE INDEX CONCURRENTLY i ON a (b)";
    expect(await rulesOf(sql, table)).toContain("concurrently-in-transaction");
    expect(await rulesOf(sql, table, "statement")).not.toContain("concurrently-in-transaction");
  });

  it("holds its locks until it ends", async () => {
    const update = "UPDATE a SET b = 1";
    expect(await rulesOf(`${add}; ${update}`, table)).toContain("data-with-schema");
    expect(await rulesOf(`${add}; COMMIT; ${update}`, table)).not.toContain("data-with-schema");
    expect(await rulesOf(`BEGIN; ${add}; ${update}; COMMIT`, table, "statement")).toContain(
      "data-with-schema",
    );
    expect(await rulesOf(`${add}; ${update}`, table, "statement")).not.toContain("data-with-schema");
  });
});
