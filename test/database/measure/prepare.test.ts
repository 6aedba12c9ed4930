import { describe, expect, it } from "vitest";
import { prepareEarlier, prepareStatements } from "../../../src/database/measure/prepare.ts";
import { migrationFile } from "../../../src/database/migrations.ts";

const file = (sql: string) => migrationFile("2_new", "2_new/migration.sql", sql);
const statements = (sql: string) => prepareStatements(file(sql));

describe("the statements of a migration", () => {
  it("have their lines, and what they name with its schema", async () => {
    expect(
      await statements("-- a comment\n\nDROP INDEX old.by_name, by_age;\nTRUNCATE public.orders;"),
    ).toEqual([
      {
        ...{
          migration: "2_new",
          path: "2_new/migration.sql",
          line: 3,
          sql: "DROP INDEX old.by_name, by_age",
        },
        ...{ transaction: true, nth: 0, names: ["old.by_name", "by_age"], problem: null },
      },
      {
        ...{ migration: "2_new", path: "2_new/migration.sql", line: 4, sql: "TRUNCATE public.orders" },
        ...{ transaction: true, nth: 0, names: ["orders"], problem: null },
      },
    ]);
  });

  it("are in the transaction that PostgreSQL has them in when the file is sent at once", async () => {
    const nths = async (sql: string) => (await statements(sql)).map(({ nth }) => nth);
    expect(await nths("SELECT 1; SELECT 2;")).toEqual([0, 0]);
    expect(await nths("SELECT 1; BEGIN; SELECT 2; COMMIT; SELECT 3;")).toEqual([0, 0, 1]);
  });

  it.each([
    "CREATE INDEX CONCURRENTLY i ON t (a)",
    "DROP INDEX CONCURRENTLY i",
    "REINDEX INDEX CONCURRENTLY i",
    "REINDEX SCHEMA public",
    "REINDEX DATABASE",
    "VACUUM FULL t",
    "CLUSTER",
    "ALTER TABLE t DETACH PARTITION p CONCURRENTLY",
    "ALTER SYSTEM SET work_mem = '1MB'",
    "CREATE DATABASE d",
  ])("are run without a transaction where PostgreSQL wants none: %s", async (sql) => {
    expect(await statements(sql)).toMatchObject([{ transaction: false }]);
  });

  it.each([
    "CREATE INDEX i ON t (a)",
    "DROP INDEX i",
    "REINDEX TABLE t",
    "ANALYZE t",
    "CLUSTER t USING i",
    "ALTER TABLE t DETACH PARTITION p",
    "ALTER TYPE mood ADD VALUE 'calm'",
  ])("are run in one else: %s", async (sql) => {
    expect(await statements(sql)).toMatchObject([{ transaction: true }]);
  });

  it("are without the file's own BEGIN and COMMIT, and its settings reach the next one", async () => {
    const found = await statements("BEGIN; SET LOCAL search_path = app; DROP TABLE t; COMMIT;");
    expect(found.map(({ sql }) => sql)).toEqual(["SET search_path = app", "DROP TABLE t"]);
  });

  it.each([
    ["ROLLBACK", /rollback/],
    ["COPY t FROM STDIN", /COPY needs data/],
  ])("say why they cannot be run: %s", async (sql, problem) => {
    expect(await statements(sql)).toMatchObject([{ problem: expect.stringMatching(problem) as string }]);
  });
});

describe("an earlier migration", () => {
  it("is sent whole, as Prisma does, and in parts where it has what no transaction may have", async () => {
    const whole = "CREATE TABLE t (id int); CREATE INDEX i ON t (id);";
    expect(await prepareEarlier(file(whole))).toEqual({ name: "2_new", parts: [whole] });
    const apart = "CREATE TABLE t (id int); CREATE INDEX CONCURRENTLY i ON t (id);";
    expect((await prepareEarlier(file(apart))).parts).toEqual([
      "CREATE TABLE t (id int)",
      "CREATE INDEX CONCURRENTLY i ON t (id)",
    ]);
  });

  it("that cannot be read is for PostgreSQL to refuse", async () => {
    expect((await prepareEarlier(file("CREATE TABEL t"))).parts).toEqual(["CREATE TABEL t"]);
  });
});
