import { describe, expect, it } from "vitest";
import { migrationFile, reviewMigrations } from "../../../src/database/database.ts";

const path = "packages/database/prisma/migrations/1_x/migration.sql";

async function review(sql: string, firstDeploy = false) {
  const { migrations, evidence } = await reviewMigrations([migrationFile("1_x", path, sql)], { firstDeploy });
  const migration = migrations[0]!;
  const grave = migration.findings.filter(({ severity }) => severity === "critical" || severity === "high");
  const because = migration.statements.flatMap(({ effects }) =>
    effects.map(({ oldCode }) => oldCode.because),
  );
  return { migration, evidence, because, whats: grave.map(({ what }) => what) };
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

/** What a file does to code that is live, and the phase that it has for it. */
const phases: readonly [string, string, string, string][] = [
  ["a dropped table", "DROP TABLE a", "contract", "code that uses a fails"],
  ["a dropped column", "ALTER TABLE a DROP COLUMN b", "contract", "code that uses a.b fails"],
  ["a renamed column", "ALTER TABLE a RENAME COLUMN b TO c", "contract", "code that uses a.b fails"],
  ["a renamed table", "ALTER TABLE a RENAME TO b", "contract", "code that uses a fails"],
  [
    "another type",
    "ALTER TABLE a ALTER COLUMN b TYPE bigint",
    "contract",
    "code that uses a.b as the type that it had fails",
  ],
  [
    "SET NOT NULL",
    "ALTER TABLE a ALTER COLUMN b SET NOT NULL",
    "contract",
    "rows that it writes without b are refused, unless it never writes such rows",
  ],
  [
    "DROP NOT NULL",
    "ALTER TABLE a ALTER COLUMN b DROP NOT NULL",
    "expand",
    "it has read a value in each row until new code leaves b empty",
  ],
  [
    "another default",
    "ALTER TABLE a ALTER COLUMN b SET DEFAULT 3",
    "expand",
    "rows that it writes hold another value where it gives none",
  ],
  [
    "a required column without a default",
    "ALTER TABLE a ADD COLUMN b int NOT NULL",
    "contract",
    "rows that it writes without b, which it does not know, are refused",
  ],
  [
    "a required column whose default is null",
    "ALTER TABLE a ADD COLUMN b int NOT NULL DEFAULT NULL",
    "contract",
    "rows that it writes without b, which it does not know, are refused",
  ],
  [
    "a default that is a function",
    "ALTER TABLE a ADD COLUMN b uuid DEFAULT gen_random_uuid()",
    "expand",
    "it does not know the column, and may leave it out",
  ],
  [
    "a default that is a time",
    "ALTER TABLE a ADD COLUMN b timestamptz DEFAULT now()",
    "expand",
    "it does not know the column, and may leave it out",
  ],
  [
    "a default that is a time by name",
    "ALTER TABLE a ADD COLUMN b timestamp DEFAULT CURRENT_TIMESTAMP",
    "expand",
    "it does not know the column, and may leave it out",
  ],
  [
    "a default that is 'now'",
    "ALTER TABLE a ADD COLUMN b timestamp DEFAULT 'now'::timestamp",
    "expand",
    "it does not know the column, and may leave it out",
  ],
  [
    "a default that calculates",
    "ALTER TABLE a ADD COLUMN b float DEFAULT 1 + random()",
    "expand",
    "it does not know the column, and may leave it out",
  ],
  [
    "a counting column",
    "ALTER TABLE a ADD COLUMN b SERIAL",
    "expand",
    "it does not know the column, and may leave it out",
  ],
  [
    "a unique column",
    "ALTER TABLE a ADD COLUMN b int UNIQUE",
    "expand",
    "it does not know the column, and may leave it out",
  ],
  [
    "a column with a reference",
    "ALTER TABLE a ADD COLUMN b int REFERENCES b(id)",
    "expand",
    "it does not know the column, and may leave it out",
  ],
  [
    "a column with a check",
    "ALTER TABLE a ADD COLUMN b int CHECK (b > 0)",
    "expand",
    "it does not know the column, and may leave it out",
  ],
  [
    "an identity column",
    "ALTER TABLE a ADD COLUMN b int GENERATED ALWAYS AS IDENTITY",
    "expand",
    "it does not know the column, and may leave it out",
  ],
  [
    "a generated column",
    "ALTER TABLE a ADD COLUMN b int GENERATED ALWAYS AS (c * 2) STORED",
    "expand",
    "it does not know the column, and may leave it out",
  ],
  ["an index on a table with data", "CREATE INDEX i ON a(b)", "expand", "queries are answered as before"],
  ["a concurrent index", "CREATE INDEX CONCURRENTLY i ON a(b)", "expand", "queries are answered as before"],
  [
    "a unique index on a table with data",
    "CREATE UNIQUE INDEX i ON a(b)",
    "contract",
    "rows that it writes twice are refused, unless it never writes such rows",
  ],
  [
    "an index before its table",
    "CREATE INDEX i ON a(b); CREATE TABLE a (b int)",
    "expand",
    "queries are answered as before",
  ],
  [
    "an index on a table that may have been there",
    "CREATE TABLE IF NOT EXISTS a (b int); CREATE INDEX i ON a(b)",
    "expand",
    "no code that is live uses what is new",
  ],
  [
    "an index on a table of another schema",
    "CREATE TABLE x.a (b int); CREATE INDEX i ON y.a(b)",
    "expand",
    "no code that is live uses what is new",
  ],
  [
    "an index on a table of another case",
    'CREATE TABLE "A" (b int); CREATE INDEX i ON a(b)',
    "expand",
    "no code that is live uses what is new",
  ],
  [
    "a foreign key on a table with data",
    "ALTER TABLE a ADD CONSTRAINT fk FOREIGN KEY (b) REFERENCES b(id)",
    "contract",
    "rows that break fk are refused, unless it never writes such rows",
  ],
  [
    "a temporary table",
    "CREATE TABLE a (id int PRIMARY KEY); CREATE TEMP TABLE a (id int); CREATE INDEX i ON a(id)",
    "unknown",
    "a temporary table hides a from what follows",
  ],
  [
    "a child of a table with data",
    "CREATE TABLE a (x int) INHERITS (b)",
    "unknown",
    "queries of b see its rows too",
  ],
  [
    "a partition of a table with data",
    "CREATE TABLE a PARTITION OF b FOR VALUES IN (1)",
    "unknown",
    "queries of b see its rows too",
  ],
  [
    "a table from a query",
    "CREATE TABLE a AS SELECT * FROM b",
    "expand",
    "no code that is live uses what is new",
  ],
  ["rows", "INSERT INTO a VALUES (1)", "backfill", "it sees rows in a that it did not write"],
  ["an update", "UPDATE a SET b = 1", "backfill", "it sees other values in a"],
  ["a delete", "DELETE FROM a", "backfill", "rows of a that it may look for are gone"],
  ["a truncate", "TRUNCATE a", "contract", "all rows of a are gone"],
  [
    "a new value of an enum",
    "ALTER TYPE \"Role\" ADD VALUE 'GUEST'",
    "expand",
    "until new code writes 'GUEST': old code that reads it may not know it",
  ],
  ["a DO block", "DO $$ BEGIN DROP TABLE a; END $$", "unknown", "what DO does is not known here"],
  ["a transaction", "BEGIN; CREATE TABLE a (id int); COMMIT", "expand", "a boundary of transactions"],
  [
    "a setting",
    "SET search_path = other; CREATE TABLE a (id int)",
    "unknown",
    "search_path may change what the statements after it mean",
  ],
  [
    "a function call",
    "SELECT pg_terminate_backend(1)",
    "unknown",
    "what pg_terminate_backend do is not read",
  ],
  [
    "a function",
    "CREATE FUNCTION f() RETURNS int LANGUAGE sql AS 'select 1'",
    "expand",
    "no code that is live uses what is new",
  ],
  ["an extension", "CREATE EXTENSION citext", "expand", "no code that is live uses what is new"],
  [
    "a trigger switched off",
    "ALTER TABLE a DISABLE TRIGGER ALL",
    "unknown",
    "triggers of a are switched off for all",
  ],
  ["a view", "CREATE VIEW v AS SELECT 1", "expand", "no code that is live uses what is new"],
  ["a domain", "CREATE DOMAIN d AS int", "expand", "no code that is live uses what is new"],
  [
    "a schema with a table inside",
    "CREATE SCHEMA s CREATE TABLE t (id int)",
    "unknown",
    "the statements inside CREATE SCHEMA are not read: write them on their own",
  ],
  [
    "an index on the table that a plain statement follows",
    "CREATE TABLE a (id int); DROP TABLE b",
    "contract",
    "code that uses b fails",
  ],
];

describe("the review of migrations", () => {
  it.each(plain)("lets %s pass as an expansion", async (_, sql) => {
    const { migration, evidence, whats } = await review(sql);
    expect(whats).toEqual([]);
    expect(migration.phase).toBe("expand");
    expect(evidence.verdict).toBe("pass");
  });

  it.each(phases)("says the phase of %s", async (_, sql, phase, why) => {
    const { migration, evidence, because } = await review(sql);
    expect(because).toContain(why);
    expect(migration.phase).toBe(phase);
    if (phase === "contract" || phase === "unknown") expect(evidence.verdict).not.toBe("pass");
  });

  it("lets anything that can be read pass while no release serves from the database", async () => {
    const { evidence } = await review("DROP TABLE a; UPDATE b SET c = 1", true);
    expect(evidence.verdict).toBe("pass");
  });

  it("never lets pass what it cannot read, not even for a first deploy", async () => {
    const { migration, evidence } = await review("SELECT 1;\nCREAT TABLE a (id int)", true);
    expect(migration.phase).toBe("unknown");
    expect(migration.findings[0]).toMatchObject({ rule: "unreadable", place: `${path}:2` });
    expect(evidence).toMatchObject({
      verdict: "insufficient",
      details: expect.stringContaining('near "CREAT"'),
    });
  });

  it("does not stop reading at a zero byte", async () => {
    const { whats } = await review("CREATE TABLE a (id int);\n\0DROP TABLE b");
    expect(whats[0]).toMatch(/zero byte/);
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
    expect(migration.statements.map(({ line, sql }) => [line, sql])).toEqual([
      [2, `CREATE TABLE "Größe" ("größe" text DEFAULT '🚢🚢')`],
      [5, 'DROP TABLE "naïve"'],
      [6, 'ALTER TABLE "Größe2" ADD COLUMN "é" int, ADD COLUMN "ü" int NOT NULL'],
    ]);
  });

  it("counts the line of a syntax error in characters, not in bytes", async () => {
    const { migration } = await review("-- 🚢🚢🚢\nSELECT '日本語';\nCREAT TABLE x ()");
    expect(migration.findings[0]?.place).toBe(`${path}:3`);
  });

  it("tells every doubt of every migration, in the order of the files", async () => {
    const files = [
      migrationFile("1_a", "m/1_a/migration.sql", "DROP TABLE a; DROP TABLE b;"),
      migrationFile("2_b", "m/2_b/migration.sql", "CREATE TABLE c (id int)"),
      migrationFile("3_c", "m/3_c/migration.sql", "TRUNCATE a"),
    ];
    const { migrations, evidence } = await reviewMigrations(files, { firstDeploy: false });
    expect(migrations.map(({ name, phase, statements }) => [name, phase, statements.length])).toEqual([
      ["1_a", "contract", 2],
      ["2_b", "expand", 1],
      ["3_c", "contract", 1],
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
