import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { loadScenario, simulate, simulateChecked, type Scenario } from "../../src/testing/testing.ts";

const checklist = "a-checklist-before-production";
const migration = "a-migration-that-is-taken-back";
const rules = "rules-that-change";

/** What stands in an example, what stands there instead, and what does not hold any more then. */
const changes: readonly (readonly [file: string, is: string, instead: string, fails: readonly RegExp[]])[] = [
  [checklist, "{ verdict: fail, seconds: 600 }", "{}", [/^slower ends refused/, /^v1 serves alone/]],
  [checklist, "{ verdict: insufficient }", "{}", [/^not tested ends held/, /^at once/]],
  [checklist, "emergency: { skips: [checklist, approvals] }", "", [/^at once ends/, /v3/, /v3/]],
  [
    checklist,
    'smoke: [{ script: "test:e2e" }]',
    "smoke: []",
    [/^broken ends rolled-back/, /^v3 serves alone/],
  ],
  [migration, "maintenance: migrations, ", "", [/^maintenance of production is on at \+1h30s/]],
  [migration, ", keep: 2", "", [/^backups of production are production-4/]],
  [migration, "every-deploy", "migrations", [/^backups of production are production-4/]],
  [migration, "confirm: false, ", "", [/^asked first ends held/, /^restore-2 ends killed/]],
  [rules, "approvals: null }", "approvals: { required: 1 } }", [/^asks again/]],
  [rules, "{ signers: [ada, grace] }", "{}", [/^by a stranger ends held/, /^by the rules of before/]],
  [
    rules,
    "required: 1 } } }, signers: [grace, mallory]",
    "required: 1 } } }, signers: [grace]",
    [/^by a new signer/, /^v5 is live/],
  ],
  [rules, ", branch: release", "", [/^another branch ends refused/]],
];

it.each(changes)(
  "%s: with something else than `%s`, what was expected of it fails",
  async (file, is, instead, fails) => {
    const text = readFileSync(new URL(`../../examples/scenarios/${file}.yaml`, import.meta.url), "utf8");
    expect(text).toContain(is);
    const { expectations } = await simulateChecked(loadScenario(text.replace(is, instead), file));
    const failed = expectations.filter(({ holds }) => !holds).map(({ expected }) => expected);
    expect(failed).toEqual(fails.map((one) => expect.stringMatching(one) as string));
  },
);

describe("backups by scripts", () => {
  const restored = (events: Scenario["events"], expected: Scenario["expect"]) =>
    simulate({
      name: "backups by scripts",
      start: "2026-03-02T09:00:00Z",
      environments: { production: { backup: { script: "db:backup", restore: "db:restore" } } },
      releases: { v1: {}, v2: { migrations: ["1_reviews"] } },
      events: [{ deploy: "v1" }, { at: "+1h", deploy: "v2" }, ...events],
      expect: expected,
    });
  const failedOf = ({ expectations }: Awaited<ReturnType<typeof simulate>>) =>
    expectations.filter(({ holds }) => !holds).map(({ expected, seen }) => `${expected}: ${String(seen)}`);

  it("bring back what a backup has", async () => {
    const simulation = await restored(
      [{ at: "+2h", restore: "production-2" }],
      [{ of: "restore-1", outcome: "promoted" }, { serves: "v1" }, { migrated: [] }],
    );
    expect(failedOf(simulation)).toEqual([]);
  });

  it("that were cut off are asked about, and are as somebody who has looked says", async () => {
    const dying = { operation: "restore the database", moment: "before-end" } as const;
    const simulation = await restored(
      [
        { at: "+2h", restore: "newest", crash: dying },
        { at: "+3h", resume: "go-on", by: "grace" },
        { at: "+3h1m", resume: "done", by: "grace" },
      ],
      [
        { of: "restore-1", outcome: "killed" },
        { of: "resume-1", outcome: "held", code: "OPERATION_UNKNOWN" },
        { of: "resume-2", outcome: "promoted", says: "v1 is live" },
        { neverTwice: ["restore"] },
      ],
    );
    expect(failedOf(simulation)).toEqual([]);
  });

  it("that fail hold the migration back: nothing was changed", async () => {
    const simulation = await simulate({
      name: "no backup, no migration",
      start: "2026-03-02T09:00:00Z",
      environments: { production: { backup: { script: "db:backup", restore: "db:restore" } } },
      releases: { v1: {}, v2: { migrations: ["1"], scripts: { "db:backup": { verdict: "fail" } } } },
      events: [{ deploy: "v1" }, { at: "+1h", deploy: "v2" }],
      expect: [
        { of: "deploy-2", outcome: "refused", says: "db:backup failed. Nothing was changed" },
        { migrated: [] },
        { backups: [] },
      ],
    });
    expect(failedOf(simulation)).toEqual([]);
  });
});

it("a plan that goes back is approved as such, and counts for no other", async () => {
  const { expectations } = await simulate({
    name: "back with consent",
    start: "2026-03-02T09:00:00Z",
    environments: { production: { approvals: { required: 1 }, backup: {} } },
    releases: { v1: {}, v2: { migrations: ["1"] } },
    events: [
      { approve: "v1", by: "grace" },
      { at: "+1m", deploy: "v1", by: "ada" },
      { at: "+1h", approve: "v2", by: "grace" },
      { at: "+1h1m", deploy: "v2", by: "ada" },
      { at: "+2h", approve: "v1", by: "grace", as: "rollback" },
      { at: "+2h1m", restore: "newest", by: "ada" },
      { at: "+2h2m", rollback: "previous", by: "ada" },
      { at: "+3h", approve: "v1", by: "grace", as: "restore", backup: "production-2" },
      { at: "+3h1m", restore: "newest", by: "ada" },
    ],
    expect: [
      { of: "restore-1", outcome: "held", says: "approvals:" },
      { of: "rollback-1", outcome: "promoted" },
      { of: "restore-2", outcome: "promoted" },
      { migrated: [] },
    ],
  });
  expect(expectations.filter(({ holds }) => !holds)).toEqual([]);
});
