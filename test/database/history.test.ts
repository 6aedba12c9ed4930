import { describe, expect, it } from "vitest";
import { historyError, historyEvidence, historyFaults } from "../../src/database/history.ts";
import type { PlannedMigration } from "../../src/model/plan.ts";

const prisma = (...words: readonly string[]) => `npm exec -- prisma ${words.join(" ")}`;
const counts = { applied: 2, pending: 1 };

function faults({
  unknown = [],
  edited = [],
  failed = [],
  known = [],
}: {
  readonly unknown?: readonly string[];
  readonly edited?: readonly string[];
  readonly failed?: readonly string[];
  readonly known?: readonly PlannedMigration[];
}) {
  const changed = edited.map((name) => ({ name, appliedChecksum: "ab".repeat(32) }));
  const logs = failed.map((name) => ({ name, logs: "ERROR: no such table" }));
  return historyFaults({ unknown, changed }, logs, { migrationsPath: "db/migrations", known, prisma });
}

describe("the migrations of a live database and those of the repository", () => {
  it("agree when each is the same or pending", () => {
    expect(historyEvidence([], counts, "again")).toMatchObject({
      verdict: "pass",
      summary: "2 applied, 1 pending",
    });
    expect(historyError([])).toBeUndefined();
  });

  it("are refused when one was edited, with the line that finds the text that was applied", () => {
    const found = faults({ edited: ["1_a"] });
    const evidence = historyEvidence(found, counts, "again");
    expect(evidence).toMatchObject({
      verdict: "fail",
      repeat: "again",
      summary: "1_a was edited after it was applied",
    });
    const line = `git show $c:db/migrations/1_a/migration.sql | sha256sum | grep -q ^${"ab".repeat(32)}`;
    expect(evidence.details).toContain(line);
    expect(historyError(found)).toMatchObject({
      code: "MIGRATION_EDITED",
      exitCode: 1,
      place: "db/migrations/1_a/migration.sql",
      remedy: expect.stringContaining(line) as string,
    });
  });

  it("hold when one failed there, whatever else is wrong, with what PostgreSQL said", () => {
    const found = faults({ failed: ["2_b"], unknown: ["9_z"] });
    expect(historyEvidence(found, counts, "again")).toMatchObject({
      verdict: "insufficient",
      summary: "2_b failed there and is not resolved; 9_z is applied there and missing here",
      details: expect.stringContaining("prisma migrate resolve --rolled-back 2_b") as string,
    });
    expect(historyError(found)).toMatchObject({
      code: "MIGRATION_FAILED_BEFORE",
      exitCode: 3,
      output: "ERROR: no such table",
    });
  });

  it("hold when one is missing here of which nobody knows what it did, or which breaks code that does not know it", () => {
    for (const known of [
      [],
      [{ name: "9_z", phase: "contract" }],
      [{ name: "9_z", phase: "expand", liveCode: "unknown" }],
    ] satisfies (readonly PlannedMigration[])[]) {
      const found = faults({ unknown: ["9_z"], known });
      expect(historyEvidence(found, counts, "again").verdict).toBe("insufficient");
      expect(historyError(found)).toMatchObject({ code: "MIGRATION_MISSING", exitCode: 3 });
    }
  });

  it("go on when the ledger says that the missing one only expands, and say so", () => {
    const found = faults({ unknown: ["9_z"], known: [{ name: "9_z", phase: "expand" }] });
    expect(historyEvidence(found, counts, "again")).toMatchObject({
      verdict: "pass",
      summary: "2 applied, 1 pending; 9_z of another release, which breaks nothing",
    });
    expect(historyError(found)).toBeUndefined();
  });

  it("are told in lines that can be pasted, whatever a database calls them", () => {
    const [fault] = faults({ unknown: ["x; rm -rf ~"] });
    expect(fault?.repair).toContain("-- 'db/migrations/x; rm -rf ~/migration.sql'");
  });
});
