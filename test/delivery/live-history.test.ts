import { expect, it } from "vitest";
import { migrationFile } from "../../src/database/database.ts";
import { statusByLedger, takeoverEvidence } from "../../src/delivery/live-history.ts";
import type { PlannedMigration } from "../../src/model/plan.ts";

const files = ["1_a", "2_b", "3_c"].map((name) =>
  migrationFile(name, `m/${name}/migration.sql`, "SELECT 1;"),
);
const same = files[0]!.checksum;
const status = (...appliedMigrations: PlannedMigration[]) => statusByLedger(files, { appliedMigrations });

it("the ledger says what was applied, with the text of then", () => {
  const edited = { name: "2_b", phase: "expand", checksum: "ab".repeat(32) } as const;
  expect(status({ name: "1_a", phase: "expand", checksum: same }, edited)).toMatchObject({
    applied: ["1_a", "2_b"],
    pending: [{ name: "3_c" }],
    changed: [{ name: "2_b", appliedChecksum: "ab".repeat(32) }],
  });
});

it("what was written down without its text is taken to have the same", () => {
  expect(status({ name: "1_a", phase: "expand" }).changed).toEqual([]);
});

it("what another release has brought is not in this commit", () => {
  expect(status({ name: "9_z", phase: "contract", checksum: same }).unknown).toEqual(["9_z"]);
});

it("a database that has migrations before Fairway released anything serves code that nobody knows", () => {
  const first = { hasServed: false, appliedMigrations: [] };
  const found = { applied: ["1_a", "2_b"], pending: [files[2]!] };
  expect(takeoverEvidence(found, first, "production")).toMatchObject([
    {
      name: "live code",
      verdict: "insufficient",
      missing: expect.stringContaining("nothing comes after 2_b"),
    },
  ]);
  expect(takeoverEvidence({ ...found, pending: [] }, first, "production"), "nothing is migrated").toEqual([]);
  expect(takeoverEvidence({ ...found, applied: [] }, first, "production"), "an empty database").toEqual([]);
  expect(takeoverEvidence(found, { ...first, hasServed: true }, "production"), "later").toEqual([]);
  const begun = ["1_a", "2_b"].map((name) => ({ name, phase: "expand" as const, checksum: same }));
  expect(takeoverEvidence(found, { ...first, appliedMigrations: begun }, "production"), "its own").toEqual(
    [],
  );
});
