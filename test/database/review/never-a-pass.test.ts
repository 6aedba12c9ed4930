import { describe, expect, it } from "vitest";
import { migrationFile, reviewMigrations, usesOf } from "../../../src/database/database.ts";

const before = `
CREATE TYPE state AS ENUM ('open'); CREATE TYPE pair AS (a int, b int); CREATE DOMAIN mail AS text; CREATE SEQUENCE numbers;
CREATE TABLE users (
  id serial PRIMARY KEY, email mail, age int NOT NULL DEFAULT 0, amount numeric(10, 2), bits bit(5), ends pair, unused text
);
CREATE TABLE orders (id bigint PRIMARY KEY, user_id int REFERENCES users (id) ON DELETE CASCADE, total int);
CREATE TABLE kept (LIKE orders);
CREATE TABLE dead (id int PRIMARY KEY, state state);
CREATE TABLE visits (id int, at date) PARTITION BY RANGE (at);
CREATE TABLE visits_1 PARTITION OF visits FOR VALUES FROM ('2019-01-01') TO ('2020-01-01');
CREATE INDEX users_age ON users (age);
CREATE MATERIALIZED VIEW totals AS SELECT 1 AS n;`;

const uses = usesOf([
  {
    label: "1.0 (live)",
    uses: {
      tables: {
        users: ["id", "email", "age", "amount", "bits", "ends"],
        orders: ["id", "user_id", "total"],
        kept: ["id"],
        visits: ["id", "at"],
        totals: ["n"],
      },
      types: ["state"],
      sql: [],
    },
  },
]);

async function review(sql: string, options: { readonly applied?: readonly string[] } = {}) {
  const { migrations, evidence } = await reviewMigrations(
    [migrationFile("0", "0.sql", before), migrationFile("1", "1.sql", sql)],
    { applied: ["0"], uses, ...options },
  );
  const [{ phase, findings }] = migrations as [(typeof migrations)[number]];
  return { verdict: evidence.verdict, phase, rules: findings.map(({ rule }) => rule) };
}

describe("no pass, though nobody who is live uses what the statement names:", () => {
  it.each([
    ["CASCADE takes what somebody may use", "DROP TABLE dead CASCADE"],
    ["CASCADE of a column", "ALTER TABLE users DROP COLUMN unused CASCADE"],
    ["columns that are used have the type", "DROP TYPE pair CASCADE"],
    ["columns that are used have the domain", "ALTER DOMAIN mail ADD CHECK (value LIKE '%@%') NOT VALID"],
    ["columns that are used have the attribute", "ALTER TYPE pair DROP ATTRIBUTE b"],
    ["its rows are seen through the whole table", "DROP TABLE visits_1"],
    ["it may be the one that is meant", "DROP TABLE other.orders"],
    [
      "nobody can read a table that is used meanwhile",
      "ALTER TABLE users ALTER COLUMN unused TYPE int USING length(unused)",
    ],
    [
      "what comes with it stops writers",
      "ALTER TABLE users DROP COLUMN unused; CREATE INDEX i ON orders (total)",
    ],
  ])("%s", async (_, sql) => {
    expect((await review(sql)).verdict).not.toBe("pass");
  });
});

describe("no pass for what refuses rows of code that does not know it:", () => {
  it.each([
    "ALTER TABLE users ADD COLUMN x int CHECK (x IS NOT NULL)",
    "ALTER TABLE users ADD COLUMN x int CHECK (age > 10)",
    "ALTER TABLE users ADD COLUMN x int DEFAULT 1 CHECK (age > x)",
    "ALTER TABLE users ADD COLUMN x int; ALTER TABLE users ADD CHECK (coalesce(x, 0) > 10) NOT VALID",
    "ALTER TABLE users ADD COLUMN x int; ALTER TABLE users ADD CHECK (num_nonnulls(x) = 1) NOT VALID",
    "ALTER TABLE users ADD COLUMN x int; ALTER TABLE users ADD CHECK (x > 1 AND age > 1) NOT VALID",
    "ALTER TABLE users ADD COLUMN x int; ALTER TABLE users ADD CHECK (NOT (x IS NULL)) NOT VALID",
    "ALTER TABLE users ADD COLUMN x int[]; ALTER TABLE users ADD CHECK (cardinality(x || 1) > 1) NOT VALID",
    "ALTER TABLE users ADD COLUMN x int GENERATED ALWAYS AS (age * 2) VIRTUAL; ALTER TABLE users ADD CHECK (x > 1) NOT VALID",
    "ALTER TABLE users ADD COLUMN x int; CREATE UNIQUE INDEX CONCURRENTLY i ON users (x) NULLS NOT DISTINCT",
    "ALTER TABLE users ADD COLUMN x int UNIQUE NULLS NOT DISTINCT",
    "ALTER TABLE users ALTER COLUMN age SET DEFAULT NULL",
    "ALTER TABLE users ALTER COLUMN id SET GENERATED ALWAYS",
    "ALTER TABLE orders ALTER CONSTRAINT orders_user_id_fkey ENFORCED",
    "ALTER TABLE users ALTER COLUMN amount TYPE numeric(10, 4)",
    "ALTER TABLE users ALTER COLUMN bits TYPE bit(8)",
  ])("%s", async (sql) => {
    const { verdict, phase } = await review(sql);
    expect({ verdict, phase }).toEqual({ verdict: "insufficient", phase: "contract" });
  });

  it.each([
    "ALTER TABLE users ADD COLUMN x int; ALTER TABLE users ADD CHECK (x > 10) NOT VALID",
    "ALTER TABLE users ADD COLUMN x int; ALTER TABLE users ADD CHECK (x <= age) NOT VALID",
    "ALTER TABLE users ADD COLUMN x text; ALTER TABLE users ADD CHECK (length(x) <= 40 AND x LIKE 'a%') NOT VALID",
    "ALTER TABLE users ADD COLUMN x text; ALTER TABLE users ADD CHECK (x IN ('a', 'b') OR age > 1) NOT VALID",
    "ALTER TABLE users ADD COLUMN x int; ALTER TABLE users ADD CHECK (x IS NULL OR age > 1) NOT VALID",
  ])("but for one that lets pass whoever leaves the column out: %s", async (sql) => {
    const { verdict, phase } = await review(sql);
    expect({ verdict, phase }).toEqual({ verdict: "pass", phase: "expand" });
  });
});

describe("no pass for what takes values, rows or numbers away:", () => {
  it.each([
    [
      "by an expression for a type that is wider",
      "ALTER TABLE users ALTER COLUMN amount TYPE numeric(12, 2) USING 0",
    ],
    ["by an expression for the same type", "ALTER TABLE users ALTER COLUMN email TYPE mail USING 'x'"],
    ["setval to a number that nobody compared", "SELECT setval('public.users_id_seq', 1, false)"],
    ["setval in a query", "SELECT setval('users_id_seq', n) FROM totals"],
    ["a sequence that ends", "ALTER SEQUENCE numbers MAXVALUE 100"],
    ["a sequence of a smaller type", "ALTER SEQUENCE numbers AS smallint"],
    ["deleting children that code counts on", "ALTER TABLE orders DROP CONSTRAINT orders_user_id_fkey"],
    [
      "of those deleted some are kept",
      "WITH gone AS (DELETE FROM orders WHERE id < 5 RETURNING *) INSERT INTO kept SELECT * FROM gone WHERE total > 1",
    ],
    [
      "of those deleted the first is kept",
      "WITH gone AS (DELETE FROM orders WHERE id < 5 RETURNING *) INSERT INTO kept SELECT * FROM gone LIMIT 1",
    ],
    [
      "of those deleted a part is there already",
      "WITH gone AS (DELETE FROM orders WHERE id < 5 RETURNING *) INSERT INTO kept SELECT * FROM gone ON CONFLICT DO NOTHING",
    ],
    [
      "those of another table are deleted beside them",
      "WITH gone AS (DELETE FROM orders WHERE id < 5 RETURNING *), others AS (DELETE FROM users WHERE id < 5 RETURNING *) " +
        "INSERT INTO kept SELECT * FROM gone",
    ],
    [
      "they are kept in a table that ends with the connection",
      "CREATE TEMP TABLE old (LIKE orders); WITH gone AS (DELETE FROM orders WHERE id < 5 RETURNING *) INSERT INTO old SELECT * FROM gone",
    ],
  ])("%s", async (_, sql) => {
    expect((await review(sql)).verdict).not.toBe("pass");
  });

  it.each([
    "SELECT setval('users_id_seq', (SELECT max(id) FROM users))",
    "CREATE SEQUENCE s; SELECT setval('s', 1000)",
    "ALTER SEQUENCE numbers AS bigint NO MAXVALUE CACHE 10",
    "WITH gone AS (DELETE FROM orders WHERE id < 5 RETURNING *) INSERT INTO kept SELECT * FROM gone",
    "CREATE TEMP TABLE ids (id int); CREATE INDEX ON ids (id); DROP TABLE ids",
  ])("but for %s", async (sql) => {
    expect((await review(sql)).verdict).toBe("pass");
  });
});

describe("no pass for what stops readers, or changes what is read:", () => {
  it.each([
    ["a view that nobody can read while it is computed", "REFRESH MATERIALIZED VIEW totals"],
    ["an index that is moved", "ALTER INDEX users_age SET TABLESPACE fast"],
    ["backslashes that end no text any more", "SET standard_conforming_strings = off; SELECT 'a\\'"],
    ["letters of another kind", "SET client_encoding = 'SJIS'"],
    ["a limit of time for all connections", "ALTER ROLE app SET statement_timeout = '1ms'"],
    ["what was prepared elsewhere", "CREATE TABLE x AS EXECUTE p"],
    ["a type that is none", "ALTER TABLE orders ALTER COLUMN id TYPE bigserial"],
  ])("%s", async (_, sql) => {
    expect((await review(sql)).verdict).not.toBe("pass");
  });

  it.each([
    "SET standard_conforming_strings = on",
    "SET client_encoding = 'UTF8'",
    "SET lock_timeout = '2s'",
  ])("but for %s", async (sql) => {
    expect((await review(sql)).verdict).toBe("pass");
  });
});

describe("what was there before:", () => {
  const orders = migrationFile("2", "2.sql", "CREATE TABLE orders (id int PRIMARY KEY);");

  it("a table of a migration that is applied is not new to one that comes before it by its name", async () => {
    const files = [
      migrationFile("1", "1.sql", "CREATE TABLE a (id int PRIMARY KEY);"),
      orders,
      migrationFile("3", "3.sql", "DROP TABLE orders;"),
    ];
    const { migrations } = await reviewMigrations(files, { applied: ["2"] });
    expect(migrations.map(({ name, phase }) => [name, phase])).toEqual([
      ["1", "expand"],
      ["3", "contract"],
    ]);
  });

  it.each([
    [
      "a column",
      "ALTER TABLE orders ADD COLUMN IF NOT EXISTS nick text; ALTER TABLE orders DROP COLUMN nick",
    ],
    ["a sequence", "CREATE SEQUENCE IF NOT EXISTS s; DROP SEQUENCE s"],
    ["a materialized view", "CREATE MATERIALIZED VIEW IF NOT EXISTS v AS SELECT 1; DROP MATERIALIZED VIEW v"],
  ])("%s that is made if it is not there is not new where nobody knows all that is there", async (_, sql) => {
    const { migrations } = await reviewMigrations(
      [orders, migrationFile("3", "3.sql", "DO $$ BEGIN END $$;"), migrationFile("4", "4.sql", sql)],
      { applied: ["2", "3"] },
    );
    expect(migrations[0]!.phase).toBe("contract");
  });

  it("an index goes with its table to another schema", async () => {
    const { migrations } = await reviewMigrations(
      [
        migrationFile(
          "0",
          "0.sql",
          "CREATE TABLE a (id int PRIMARY KEY, b int); CREATE UNIQUE INDEX a_b ON a (b);",
        ),
        migrationFile("1", "1.sql", "CREATE SCHEMA billing; ALTER TABLE a SET SCHEMA billing;"),
        migrationFile("2", "2.sql", "DROP INDEX billing.a_b;"),
      ],
      { applied: ["0", "1"] },
    );
    expect(migrations[0]!.phase).toBe("contract");
  });
});

describe("an exception in a comment", () => {
  const allow = '-- fairway:allow drop-column reason="nobody reads it"';
  const allowed = async (sql: string) => {
    const { migrations } = await reviewMigrations(
      [migrationFile("0", "0.sql", before), migrationFile("1", "1.sql", sql)],
      { applied: ["0"], uses },
    );
    return migrations[0]!.findings
      .filter(({ rule }) => rule === "drop-column")
      .map(({ place, allowed }) => [place, allowed !== null]);
  };

  it("behind a statement on its line is that statement's, and not the next one's", async () => {
    const sql = `ALTER TABLE users DROP COLUMN unused; ${allow}\nALTER TABLE dead DROP COLUMN state;`;
    expect(await allowed(sql)).toEqual([
      ["1.sql:1", true],
      ["1.sql:2", false],
    ]);
    expect(await allowed(`ALTER TABLE dead DROP COLUMN state; ${allow}`)).toEqual([["1.sql:1", true]]);
  });

  it("within a statement is that statement's, also where another one ends on the same line", async () => {
    const sql = `SELECT 1; ALTER TABLE users ${allow}\n DROP COLUMN unused;`;
    expect(await allowed(sql)).toEqual([["1.sql:1", true]]);
  });

  it.each([
    ["a text", `SELECT '${allow}'; ALTER TABLE dead DROP COLUMN state`],
    ["a comment that is commented out", `/* was: ${allow} */ ALTER TABLE dead DROP COLUMN state`],
    ["the body of a block", `DO $$ ${allow}\n BEGIN END $$; ALTER TABLE dead DROP COLUMN state`],
  ])("in %s allows nothing", async (_, sql) => {
    expect((await allowed(sql)).map(([, is]) => is)).toEqual([false]);
  });
});

describe("ordinary SQL", () => {
  it.each([
    "INSERT INTO orders (id) SELECT item.id FROM (VALUES (1), (2)) AS item (id) JOIN users ON users.id = item.id",
    "INSERT INTO orders (id) SELECT item.id FROM (VALUES (1), (2)) AS item (id)",
  ])("that copies as many rows as are written there copies no table: %s", async (sql) => {
    expect((await review(sql)).rules).toEqual([]);
  });

  it("that copies each row of a table as often as is written there copies a table", async () => {
    const sql = "INSERT INTO orders (id) SELECT users.id FROM (VALUES (1)) AS item (id) CROSS JOIN users";
    expect((await review(sql)).rules).toContain("insert-from-query");
  });

  it("that waits for a lock waits for that of the table that is in use", async () => {
    const sql =
      "CREATE TABLE lines (id bigint PRIMARY KEY, user_id int);" +
      "ALTER TABLE lines ADD CONSTRAINT lines_user FOREIGN KEY (user_id) REFERENCES users (id);";
    const { migrations } = await reviewMigrations(
      [migrationFile("0", "0.sql", before), migrationFile("1", "1.sql", sql)],
      { applied: ["0"], uses },
    );
    const [found] = migrations[0]!.findings.filter(({ rule }) => rule === "lock-timeout-missing");
    expect(found!.what).toContain("on users");
  });
});

it("a file that begins with a byte order mark is one that PostgreSQL cannot read", async () => {
  const { migrations } = await reviewMigrations([
    migrationFile("0", "0.sql", "\ufeffCREATE TABLE a (id int PRIMARY KEY);"),
  ]);
  expect(migrations[0]!.findings[0]!.what).toContain("byte order mark");
});
