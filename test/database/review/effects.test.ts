import { describe, expect, it } from "vitest";
import { migrationFile, reviewMigrations } from "../../../src/database/database.ts";

async function effectsOf(before: string, sql: string) {
  const { migrations } = await reviewMigrations(
    [migrationFile("0", "0.sql", before), migrationFile("1", "1.sql", sql)],
    { applied: ["0"], postgres: 18 },
  );
  const effects = migrations[0]!.statements.flatMap((statement) => statement.effects);
  return {
    rewrites: effects.flatMap(({ rewrites }) => rewrites),
    scans: effects.flatMap(({ scans }) => scans),
    locks: effects.flatMap(({ locks }) => locks.map(({ table, mode }) => `${table} ${mode}`)),
  };
}

// Each of them was seen on PostgreSQL 18: `verifying table`, `rewriting table` and pg_locks.
const reads: readonly [string, string, string, { rewrites: string[]; scans: string[] }][] = [
  [
    "a foreign key of a new column that is null everywhere",
    "CREATE TABLE b (id int PRIMARY KEY); CREATE TABLE a (id int PRIMARY KEY);",
    "ALTER TABLE a ADD COLUMN c int REFERENCES b (id)",
    { rewrites: [], scans: [] },
  ],
  [
    "a foreign key of a new column with a default",
    "CREATE TABLE b (id int PRIMARY KEY); CREATE TABLE a (id int PRIMARY KEY);",
    "ALTER TABLE a ADD COLUMN c int DEFAULT 1 REFERENCES b (id)",
    { rewrites: [], scans: ["a"] },
  ],
  [
    "a check of a new column",
    "CREATE TABLE a (id int PRIMARY KEY);",
    "ALTER TABLE a ADD COLUMN c int CHECK (c > 0)",
    { rewrites: [], scans: ["a"] },
  ],
  [
    "a required column without a value",
    "CREATE TABLE a (id int PRIMARY KEY);",
    "ALTER TABLE a ADD COLUMN c int NOT NULL",
    { rewrites: [], scans: ["a"] },
  ],
  [
    "a column of a domain with a check, also without a default",
    "CREATE DOMAIN d AS int CHECK (VALUE > 0); CREATE TABLE a (id int PRIMARY KEY);",
    "ALTER TABLE a ADD COLUMN c d",
    { rewrites: ["a"], scans: [] },
  ],
  [
    "a column of a domain that refuses nothing",
    "CREATE DOMAIN d AS int; CREATE TABLE a (id int PRIMARY KEY);",
    "ALTER TABLE a ADD COLUMN c d DEFAULT 4",
    { rewrites: [], scans: [] },
  ],
  [
    "a longer varchar",
    "CREATE TABLE a (t varchar(20));",
    "ALTER TABLE a ALTER COLUMN t TYPE varchar(30)",
    { rewrites: [], scans: [] },
  ],
  [
    "a longer varchar in an array",
    "CREATE TABLE a (t varchar(20)[]);",
    "ALTER TABLE a ALTER COLUMN t TYPE varchar(30)[]",
    { rewrites: ["a"], scans: [] },
  ],
  [
    "a compatible type under a check",
    "CREATE TABLE a (t varchar(20) CHECK (t <> ''));",
    "ALTER TABLE a ALTER COLUMN t TYPE text",
    { rewrites: [], scans: ["a"] },
  ],
  [
    "a cast that cuts, to a compatible type",
    "CREATE TABLE a (t varchar(20));",
    "ALTER TABLE a ALTER COLUMN t TYPE text USING t::varchar(3)",
    { rewrites: ["a"], scans: [] },
  ],
  [
    "a partition that is attached beside a default one",
    "CREATE TABLE p (k int) PARTITION BY RANGE (k); CREATE TABLE d PARTITION OF p DEFAULT; CREATE TABLE n (k int);",
    "ALTER TABLE p ATTACH PARTITION n FOR VALUES FROM (1) TO (2)",
    { rewrites: [], scans: ["n", "d"] },
  ],
  [
    "a validated constraint of a domain",
    "CREATE DOMAIN d AS int; CREATE TABLE a (c d);",
    "ALTER DOMAIN d VALIDATE CONSTRAINT x",
    { rewrites: [], scans: ["a"] },
  ],
];

describe("what a statement does to its tables", () => {
  it.each(reads)("is told of %s", async (_, before, sql, expected) => {
    expect(await effectsOf(before, sql)).toMatchObject(expected);
  });

  it("names the other table of a foreign key that goes with its column", async () => {
    const { locks } = await effectsOf(
      "CREATE TABLE b (id int PRIMARY KEY); CREATE TABLE a (id int, b int REFERENCES b (id));",
      "ALTER TABLE a DROP COLUMN b",
    );
    expect(locks).toEqual(["a ACCESS EXCLUSIVE", "b ACCESS EXCLUSIVE"]);
  });

  it("names the tables that TRUNCATE CASCADE reaches, over several of them", async () => {
    const { locks } = await effectsOf(
      "CREATE TABLE a (id int PRIMARY KEY); CREATE TABLE b (id int PRIMARY KEY REFERENCES a (id)); CREATE TABLE c (id int REFERENCES b (id));",
      "TRUNCATE a CASCADE",
    );
    expect(locks).toEqual(["a ACCESS EXCLUSIVE", "b ACCESS EXCLUSIVE", "c ACCESS EXCLUSIVE"]);
  });
});

describe("what style costs a team that uses Prisma", () => {
  const prisma = `CREATE TYPE "Role" AS ENUM ('ADMIN', 'USER');
    CREATE TABLE "User" ("id" TEXT NOT NULL, "email" TEXT NOT NULL, "role" "Role" NOT NULL DEFAULT 'USER',
      "at" TIMESTAMP(3) NOT NULL DEFAULT CURRENT_TIMESTAMP, "data" JSONB, CONSTRAINT "User_pkey" PRIMARY KEY ("id"));
    CREATE TABLE "Post" ("id" SERIAL NOT NULL, "by" TEXT NOT NULL, CONSTRAINT "Post_pkey" PRIMARY KEY ("id"));
    CREATE TABLE "Tag" ("id" SERIAL NOT NULL, "name" TEXT NOT NULL, CONSTRAINT "Tag_pkey" PRIMARY KEY ("id"));
    CREATE UNIQUE INDEX "User_email_key" ON "User"("email");
    ALTER TABLE "Post" ADD CONSTRAINT "Post_by_fkey" FOREIGN KEY ("by") REFERENCES "User"("id") ON DELETE RESTRICT ON UPDATE CASCADE;`;

  it("is one line for the keys of all new tables, and holds nothing", async () => {
    const { migrations, evidence } = await reviewMigrations([migrationFile("1", "1.sql", prisma)]);
    expect(migrations[0]!.findings.map(({ rule, severity, what }) => [rule, severity, what])).toEqual([
      ["int-primary-key", "low", "Post.id and Tag.id: no number is left after 2,147,483,647 rows"],
    ]);
    expect(evidence.verdict).toBe("pass");
  });

  it("replaces a column in steps of which each works beside the one before it", async () => {
    const before = `CREATE TABLE "Order" ("id" SERIAL PRIMARY KEY, "email" TEXT NOT NULL);`;
    const { migrations } = await reviewMigrations(
      [
        migrationFile("0", "0.sql", before),
        migrationFile("1", "1.sql", `ALTER TABLE "Order" RENAME COLUMN "email" TO "contact";`),
        migrationFile("2", "2.sql", `ALTER TABLE "Order" RENAME COLUMN "id" TO "number";`),
      ],
      { applied: ["0"] },
    );
    const [ofValue, ofKey] = migrations.map(
      ({ findings }) => findings.find(({ rule }) => rule === "rename-column")!.instead,
    );
    expect(ofValue).toEqual([
      { sql: `ALTER TABLE "Order" ADD COLUMN contact text;` },
      { sql: `ALTER TABLE "Order" ALTER COLUMN email DROP NOT NULL;` },
      { release: "code that writes email and contact, and reads contact, or email where contact is empty" },
      { release: "a backfill of contact from email in batches, each in a transaction of its own" },
      { release: "code that reads and writes contact only; then email may go" },
    ]);
    expect(JSON.stringify(ofKey)).not.toContain("DROP NOT NULL");
  });

  it("keeps what a foreign key of Prisma's says in its safe way", async () => {
    const { migrations } = await reviewMigrations(
      [
        migrationFile(
          "0",
          "0.sql",
          `CREATE TABLE "User" ("id" TEXT PRIMARY KEY); CREATE TABLE "Post" ("by" TEXT);`,
        ),
        migrationFile(
          "1",
          "1.sql",
          `ALTER TABLE "Post" ADD CONSTRAINT "Post_by_fkey" FOREIGN KEY ("by") REFERENCES "User"("id") ON DELETE SET NULL ON UPDATE CASCADE;`,
        ),
      ],
      { applied: ["0"] },
    );
    const found = migrations[0]!.findings.find(({ rule }) => rule === "foreign-key-without-not-valid");
    expect(found?.instead).toEqual([
      {
        sql: `ALTER TABLE "Post" ADD CONSTRAINT "Post_by_fkey" FOREIGN KEY (by) REFERENCES "User" (id) ON UPDATE CASCADE ON DELETE SET NULL NOT VALID;`,
      },
      { sql: `ALTER TABLE "Post" VALIDATE CONSTRAINT "Post_by_fkey";` },
    ]);
  });
});
