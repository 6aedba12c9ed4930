import { describe, expect, it } from "vitest";
import { migrationFile, reviewMigrations } from "../../src/database/database.ts";

const path = "packages/database/prisma/migrations/1_x/migration.sql";

async function review(sql: string, firstDeploy = false) {
  const { migrations, evidence } = await reviewMigrations([migrationFile("1_x", path, sql)], { firstDeploy });
  return { migration: migrations[0]!, evidence, whys: migrations[0]!.objections.map(({ why }) => why) };
}

const plain: readonly [string, string][] = [
  [
    "a new table with everything inline",
    `CREATE TABLE "Order" ("id" SERIAL PRIMARY KEY, "at" TIMESTAMP(3) NOT NULL DEFAULT CURRENT_TIMESTAMP, "user" INT NOT NULL REFERENCES "User"("id"))`,
  ],
  ["a new table that may be there", "CREATE TABLE IF NOT EXISTS a (id int)"],
  ["an enum", `CREATE TYPE "Role" AS ENUM ('ADMIN', 'USER')`],
  ["a composite type", "CREATE TYPE pair AS (a int, b int)"],
  ["a range type", "CREATE TYPE r AS RANGE (subtype = int4)"],
  ["a schema", `CREATE SCHEMA IF NOT EXISTS "billing"`],
  ["a nullable column", `ALTER TABLE "User" ADD COLUMN "nick" TEXT`],
  ["a column that says NULL", "ALTER TABLE a ADD COLUMN b int NULL"],
  ["a required column with a number", "ALTER TABLE a ADD COLUMN b int NOT NULL DEFAULT -1"],
  ["a required column with a text", `ALTER TABLE a ADD COLUMN "naïve" text NOT NULL DEFAULT 'ünïcode'`],
  [
    "a required column with a value of an enum",
    `ALTER TABLE a ADD COLUMN r "Role" NOT NULL DEFAULT 'USER'::"Role"`,
  ],
  [
    "a required column with an empty array",
    "ALTER TABLE a ADD COLUMN t text[] NOT NULL DEFAULT ARRAY[]::text[]",
  ],
  ["a required column that is false", "ALTER TABLE a ADD COLUMN t boolean NOT NULL DEFAULT false"],
  ["several columns at once", "ALTER TABLE a ADD COLUMN b int, ADD COLUMN c int NOT NULL DEFAULT 0"],
  ["an index on its own table", `CREATE TABLE a (id int); CREATE UNIQUE INDEX "a_id" ON a(id)`],
  [
    "a foreign key on its own table",
    "CREATE TABLE a (id int, b int); ALTER TABLE a ADD CONSTRAINT fk FOREIGN KEY (b) REFERENCES b(id) ON DELETE CASCADE",
  ],
  ["a check on its own table", "CREATE TABLE s.a (id int); ALTER TABLE s.a ADD CHECK (id > 0)"],
  ["a required column of its own table", "CREATE TABLE a (id int); ALTER TABLE a ADD COLUMN b int NOT NULL"],
  [
    "a partition of its own table",
    "CREATE TABLE a (id int) PARTITION BY LIST (id); CREATE TABLE a1 PARTITION OF a FOR VALUES IN (1)",
  ],
  ["nothing but a comment", "-- This is an empty migration."],
  ["nothing at all", ""],
];

const doubtful: readonly [string, string, RegExp][] = [
  ["a dropped table", "DROP TABLE a", /drops what the live code/],
  ["a dropped column", "ALTER TABLE a DROP COLUMN b", /drops a column/],
  ["a renamed column", "ALTER TABLE a RENAME COLUMN b TO c", /renames/],
  ["a renamed table", "ALTER TABLE a RENAME TO b", /renames/],
  ["another type", "ALTER TABLE a ALTER COLUMN b TYPE bigint", /changes the type/],
  ["SET NOT NULL", "ALTER TABLE a ALTER COLUMN b SET NOT NULL", /makes a column required/],
  ["DROP NOT NULL", "ALTER TABLE a ALTER COLUMN b DROP NOT NULL", /rows without a value/],
  ["another default", "ALTER TABLE a ALTER COLUMN b SET DEFAULT 3", /changes what rows/],
  [
    "a required column without a default",
    "ALTER TABLE a ADD COLUMN b int NOT NULL",
    /NOT NULL without a default/,
  ],
  [
    "a required column whose default is null",
    "ALTER TABLE a ADD COLUMN b int NOT NULL DEFAULT NULL",
    /NOT NULL without a default/,
  ],
  [
    "a default that is a function",
    "ALTER TABLE a ADD COLUMN b uuid DEFAULT gen_random_uuid()",
    /not a constant/,
  ],
  ["a default that is a time", "ALTER TABLE a ADD COLUMN b timestamptz DEFAULT now()", /not a constant/],
  [
    "a default that is a time by name",
    "ALTER TABLE a ADD COLUMN b timestamp DEFAULT CURRENT_TIMESTAMP",
    /not a constant/,
  ],
  [
    "a default that is 'now'",
    "ALTER TABLE a ADD COLUMN b timestamp DEFAULT 'now'::timestamp",
    /not a constant/,
  ],
  ["a default that calculates", "ALTER TABLE a ADD COLUMN b float DEFAULT 1 + random()", /not a constant/],
  ["a counting column", "ALTER TABLE a ADD COLUMN b SERIAL", /counts/],
  ["a unique column", "ALTER TABLE a ADD COLUMN b int UNIQUE", /a unique constraint to a/],
  ["a column with a reference", "ALTER TABLE a ADD COLUMN b int REFERENCES b(id)", /a foreign key to a/],
  ["a column with a check", "ALTER TABLE a ADD COLUMN b int CHECK (b > 0)", /a check to a/],
  ["an identity column", "ALTER TABLE a ADD COLUMN b int GENERATED ALWAYS AS IDENTITY", /an identity to a/],
  [
    "a generated column",
    "ALTER TABLE a ADD COLUMN b int GENERATED ALWAYS AS (c * 2) STORED",
    /a generated value to a/,
  ],
  ["an index on a table with data", "CREATE INDEX i ON a(b)", /writes wait/],
  ["a concurrent index", "CREATE INDEX CONCURRENTLY i ON a(b)", /left invalid/],
  ["a unique index on a table with data", "CREATE UNIQUE INDEX i ON a(b)", /fails on duplicates/],
  ["an index before its table", "CREATE INDEX i ON a(b); CREATE TABLE a (b int)", /writes wait/],
  [
    "an index on a table that may have been there",
    "CREATE TABLE IF NOT EXISTS a (b int); CREATE INDEX i ON a(b)",
    /writes wait/,
  ],
  [
    "an index on a table of another schema",
    "CREATE TABLE x.a (b int); CREATE INDEX i ON y.a(b)",
    /writes wait/,
  ],
  ["an index on a table of another case", `CREATE TABLE "A" (b int); CREATE INDEX i ON a(b)`, /writes wait/],
  [
    "a foreign key on a table with data",
    "ALTER TABLE a ADD CONSTRAINT fk FOREIGN KEY (b) REFERENCES b(id)",
    /a foreign key on a/,
  ],
  ["a temporary table", "CREATE TEMP TABLE a (id int); CREATE INDEX i ON a(id)", /temporary/],
  ["a child of a table with data", "CREATE TABLE a (x int) INHERITS (b)", /part of b/],
  ["a partition of a table with data", "CREATE TABLE a PARTITION OF b FOR VALUES IN (1)", /part of b/],
  ["a table from a query", "CREATE TABLE a AS SELECT * FROM b", /runs a query/],
  ["rows", "INSERT INTO a VALUES (1)", /writes rows/],
  ["an update", "UPDATE a SET b = 1", /rewrites rows/],
  ["a delete", "DELETE FROM a", /removes rows/],
  ["a truncate", "TRUNCATE a", /removes rows/],
  ["a new value of an enum", `ALTER TYPE "Role" ADD VALUE 'GUEST'`, /does not know it/],
  ["a DO block", "DO $$ BEGIN DROP TABLE a; END $$", /can do anything/],
  ["a transaction", "BEGIN; CREATE TABLE a (id int); COMMIT", /transaction/],
  ["a setting", "SET search_path = other; CREATE TABLE a (id int)", /settings/],
  ["a function call", "SELECT pg_terminate_backend(1)", /SELECT is not on the list/],
  [
    "a function",
    "CREATE FUNCTION f() RETURNS int LANGUAGE sql AS 'select 1'",
    /CREATE FUNCTION is not on the list/,
  ],
  ["an extension", "CREATE EXTENSION citext", /CREATE EXTENSION is not on the list/],
  ["a trigger switched off", "ALTER TABLE a DISABLE TRIGGER ALL", /DISABLE TRIG.* is not on the list/],
  ["a view", "CREATE VIEW v AS SELECT 1", /VIEW is not on the list/],
  ["a domain", "CREATE DOMAIN d AS int", /DOMAIN is not on the list/],
  ["a schema with a table inside", "CREATE SCHEMA s CREATE TABLE t (id int)", /not read further/],
  ["an index on the table that a plain statement follows", "CREATE TABLE a (id int); DROP TABLE b", /drops/],
];

describe("the review of migrations", () => {
  it.each(plain)("lets %s pass as an expansion", async (_, sql) => {
    const { migration, evidence, whys } = await review(sql);
    expect(whys).toEqual([]);
    expect(migration.phase).toBe("expand");
    expect(evidence.verdict).toBe("pass");
  });

  it.each(doubtful)("leaves %s to a person", async (_, sql, why) => {
    const { migration, evidence, whys } = await review(sql);
    expect(whys.join("\n")).toMatch(why);
    expect(migration.phase).toBe("unknown");
    expect(evidence.verdict).toBe("insufficient");
  });

  it("lets anything that can be read pass while no release serves from the database", async () => {
    const { migration } = await review("DROP TABLE a; UPDATE b SET c = 1", true);
    expect(migration.phase).toBe("expand");
  });

  it("never lets pass what it cannot read, not even for a first deploy", async () => {
    const { migration, evidence } = await review("SELECT 1;\nCREAT TABLE a (id int)", true);
    expect(migration.phase).toBe("unknown");
    expect(migration.objections[0]).toMatchObject({ place: `${path}:2` });
    expect(evidence).toMatchObject({
      verdict: "insufficient",
      details: expect.stringContaining('near "CREAT"'),
    });
  });

  it("does not stop reading at a zero byte", async () => {
    const { whys } = await review("CREATE TABLE a (id int);\n\0DROP TABLE b");
    expect(whys[0]).toMatch(/zero byte/);
  });

  it("names the line and the statement, also after characters of several bytes and nested comments", async () => {
    const sql = [
      "-- Größe, naïve, 日本語, 🚢",
      `CREATE TABLE "Größe" ("größe" text DEFAULT '🚢🚢');`,
      "/* outer /* DROP TABLE x; */ still */ -- 🚢",
      "",
      `DROP TABLE "naïve";`,
      'ALTER TABLE "Größe2"',
      '  ADD COLUMN "é" int,',
      '  ADD COLUMN "ü" int NOT NULL;',
    ].join("\n");
    const { migration } = await review(sql);
    expect(migration.objections.map(({ place, statement }) => [place, statement])).toEqual([
      [`${path}:5`, 'DROP TABLE "naïve"'],
      [`${path}:8`, 'ALTER TABLE "Größe2" ADD COLUMN "é" int, ADD COLUMN "ü" int NOT NULL'],
    ]);
  });

  it("counts the line of a syntax error in characters, not in bytes", async () => {
    const { migration } = await review("-- 🚢🚢🚢\nSELECT '日本語';\nCREAT TABLE x ()");
    expect(migration.objections[0]?.place).toBe(`${path}:3`);
  });

  it("tells every doubt of every migration, in the order of the files", async () => {
    const files = [
      migrationFile("1_a", "m/1_a/migration.sql", "DROP TABLE a; DROP TABLE b;"),
      migrationFile("2_b", "m/2_b/migration.sql", "CREATE TABLE c (id int)"),
      migrationFile("3_c", "m/3_c/migration.sql", "TRUNCATE a"),
    ];
    const { migrations, evidence } = await reviewMigrations(files, { firstDeploy: false });
    expect(migrations.map(({ name, phase, objections }) => [name, phase, objections.length])).toEqual([
      ["1_a", "unknown", 2],
      ["2_b", "expand", 0],
      ["3_c", "unknown", 1],
    ]);
    expect(evidence).toMatchObject({
      verdict: "insufficient",
      summary: "2 migrations are not plainly safe for the code that is live",
      missing: expect.stringContaining("1_a, 3_c"),
    });
  });

  it("has nothing to say against no migrations", async () => {
    const { evidence } = await reviewMigrations([], { firstDeploy: false });
    expect(evidence).toMatchObject({ verdict: "pass", summary: "no migrations to apply" });
  });
});
