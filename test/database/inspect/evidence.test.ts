import { expect, it } from "vitest";
import { liveDriftEvidence } from "../../../src/database/inspect/evidence.ts";
import type { Inspected, SchemaObject } from "../../../src/database/inspect/objects.ts";

const table = (name: string): SchemaObject => ({
  ...{ kind: "table", table: null, name },
  sql: `CREATE TABLE ${name} (\n  id integer NOT NULL\n)`,
  compared: `CREATE TABLE ${name}`,
  drop: `DROP TABLE ${name}`,
});
const index: SchemaObject = {
  ...{ kind: "index", table: "a", name: "hot" },
  sql: "CREATE INDEX hot ON a USING btree (id)",
  drop: "DROP INDEX hot",
};

function judged(there: Partial<Inspected>, doubtful: readonly string[] = []) {
  const inspected: Inspected = {
    ...{ postgres: 17, rows: [], objects: [table("a")] },
    made: { postgres: 17, objects: [table("a")] },
    ...there,
  };
  return liveDriftEvidence(inspected, {
    ...{ migrationsPath: "db/migrations", doubtful, repeat: "again", now: new Date("2026-01-02T03:04:05Z") },
    prisma: (...words) => `prisma ${words.join(" ")}`,
  });
}

it("a database that is what its migrations make passes", () => {
  expect(judged({})).toMatchObject({ name: "live drift", verdict: "pass" });
});

it("what somebody made by hand fails, with the SQL of both ways out", () => {
  const evidence = judged({ objects: [table("a"), index] });
  expect(evidence).toMatchObject({ verdict: "fail", repeat: "again" });
  expect(evidence.details).toBe(
    [
      "only in the database: index hot",
      "",
      "To keep it, write db/migrations/20260102030405_as_the_database_is/migration.sql:",
      "  CREATE INDEX hot ON a USING btree (id);",
      "change schema.prisma alike, and say that this database has it already:",
      "  prisma migrate resolve --applied 20260102030405_as_the_database_is",
      "",
      "To take it back instead, as a user who may write:",
      "  DROP INDEX hot;",
    ].join("\n"),
  );
});

it("what goes with a table is not told beside it, and what is of a partition not at all", () => {
  const gone = judged({ objects: [], made: { postgres: 17, objects: [table("a"), index] } });
  expect(gone.summary).toBe("the database differs from what its migrations make in 1 object");
  expect(judged({ objects: [table("a"), { ...index, ofPartition: true }] }).verdict).toBe("pass");
});

it("an index that was left half built is another one than that of the migrations", () => {
  const made = { postgres: 17, objects: [table("a"), index] };
  expect(judged({ objects: [table("a"), { ...index, invalid: true }], made }).verdict).toBe("fail");
});

it("a difference is not known to be one where a migration is in doubt, or where the versions differ", () => {
  const objects = [table("a"), index];
  expect(judged({ objects }, ["3_c"])).toMatchObject({
    verdict: "insufficient",
    missing: "What 3_c did there: see live migrations.",
  });
  expect(judged({ objects, postgres: 16 })).toMatchObject({
    verdict: "insufficient",
    missing: expect.stringContaining('database.prisma.postgres in fairway.yaml to "16"') as string,
  });
});

it("a database with tables and without a record of migrations is for a person, an empty one is not", () => {
  expect(judged({ rows: null })).toMatchObject({
    verdict: "insufficient",
    details: expect.stringContaining("prisma migrate resolve --applied <migration>") as string,
  });
  expect(judged({ rows: null, objects: [], made: { postgres: 17, objects: [] } }).verdict).toBe("pass");
});

it("migrations that cannot be replayed say nothing of the database", () => {
  expect(judged({ made: { migration: "1_a", problem: 'role "app" does not exist' } })).toMatchObject({
    verdict: "insufficient",
    details: 'role "app" does not exist',
  });
});
