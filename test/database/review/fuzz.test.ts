import fc from "fast-check";
import { parseSync } from "libpg-query";
import { describe, expect, it } from "vitest";
import { migrationFile, reviewMigrations } from "../../../src/database/database.ts";
import { rules } from "../../../src/database/review/rules/rules.ts";
import { propertyRuns } from "../../support/property-runs.ts";

async function review(sql: string, before: readonly string[] = []) {
  const files = [...before, sql].map((text, index) =>
    migrationFile(String(index), `${String(index)}.sql`, text),
  );
  const { migrations, evidence } = await reviewMigrations(files, {
    applied: before.map((_, index) => String(index)),
  });
  return { migration: migrations[0]!, evidence };
}

/** The SQL of all rules' examples: each kind of statement that is known here. */
const seeds = rules.flatMap(({ examples }) =>
  [...examples.bad, ...examples.good, ...examples.goodInContext].map((example) =>
    typeof example === "string" ? example : `${example.before ?? ""}${example.sql}`,
  ),
);

const rude = [
  "'",
  '"',
  "$$",
  "/*",
  "*/",
  "--",
  "\0",
  "\ud800",
  "\u{1f6a2}",
  ";",
  "(",
  ")",
  "\\",
  "E'",
  "\n",
  "%",
  "::",
];

/** One small damage: characters or words that go, come, are doubled or change places. */
const damage = fc.oneof(
  fc.record({ how: fc.constant("cut" as const), at: fc.nat(), length: fc.nat(40) }),
  fc.record({ how: fc.constant("end" as const), at: fc.nat() }),
  fc.record({
    how: fc.constant("put" as const),
    at: fc.nat(),
    text: fc.oneof(fc.constantFrom(...rude), fc.string()),
  }),
  fc.record({ how: fc.constant("swap" as const), at: fc.nat(), with: fc.nat() }),
  fc.record({
    how: fc.constant("word" as const),
    at: fc.nat(),
    word: fc.nat(),
    seed: fc.constantFrom(...seeds),
  }),
  fc.record({ how: fc.constant("repeat" as const), at: fc.nat(), length: fc.nat(30), times: fc.nat(30) }),
);

type Damage = typeof damage extends fc.Arbitrary<infer Value> ? Value : never;

function damaged(sql: string, one: Damage): string {
  const at = one.at % (sql.length + 1);
  const words = sql.split(/\b/);
  switch (one.how) {
    case "cut":
      return sql.slice(0, at) + sql.slice(at + one.length);
    case "end":
      return sql.slice(0, at);
    case "put":
      return sql.slice(0, at) + one.text + sql.slice(at);
    case "swap": {
      const [left, right] = [one.at % words.length, one.with % words.length];
      return words
        .map((word, index) => (index === left ? words[right] : index === right ? words[left] : word))
        .join("");
    }
    case "word": {
      const others = one.seed.split(/\b/);
      return words
        .map((word, index) => (index === one.at % words.length ? others[one.word % others.length] : word))
        .join("");
    }
    case "repeat":
      return sql.slice(0, at) + sql.slice(at, at + one.length).repeat(one.times) + sql.slice(at + one.length);
  }
}

const mutated = fc
  .tuple(fc.constantFrom(...seeds), fc.array(damage, { minLength: 1, maxLength: 4 }))
  .map(([sql, damages]) => damages.reduce(damaged, sql));

/** Nested and repeated beyond what anybody writes. */
const endless = fc
  .tuple(
    fc.constantFrom(
      ["SELECT ", "(", "1", ")", ""],
      ["SELECT ", "f(", "1", ")", ""],
      ["SELECT ", "NOT ", "true", "", ""],
      ["SELECT 1", "+1", "", "", ""],
      ["UPDATE a SET b = 'x'", "||'y'", "", "", ""],
      ["ALTER TABLE a ADD COLUMN b int DEFAULT 1", "::int", "", "", ""],
      ["ALTER TABLE a ADD COLUMN b int DEFAULT ", "ARRAY[", "1", "]", ""],
      ["DELETE FROM a WHERE ", "(b = 1 OR c = 2 AND ", "true", ")", ""],
      ["", "SELECT * FROM (", "SELECT 1", ") a", ""],
      ["", "WITH a AS (", "DELETE FROM b", ") DELETE FROM c", ""],
      ["SELECT ", "CASE WHEN true THEN ", "1", " END", ""],
      ["DO $$ BEGIN ", "IF true THEN ", "NULL; ", "END IF; ", "END $$"],
      ["SELECT '", "x", "'", "", ""],
      ["", "/*", "", "*/", "SELECT 1"],
      ["SELECT 1 ", "+", "1", "", ""],
      ["", "SELECT 1;", "", "", ""],
      ["", "BEGIN;", "", "", ""],
      ["INSERT INTO a VALUES (1)", ", (2)", "", "", ""],
      ["SELECT a", " AT TIME ZONE 'x'", "", "", ""],
      ["", "-- fairway:allow drop-table\n", "", "", "DROP TABLE a"],
    ) as fc.Arbitrary<[string, string, string, string, string]>,
    fc.constantFrom(10, 100, 999, 1_001, 12_000),
  )
  .map(([[start, open, middle, close, end], times]) =>
    [start, open.repeat(times), middle, close.repeat(times), end].join(""),
  );

const anything = fc.oneof(
  { weight: 6, arbitrary: mutated },
  { weight: 1, arbitrary: fc.string({ unit: "binary", maxLength: 200 }) },
  {
    weight: 1,
    arbitrary: fc.array(fc.constantFrom(...rude, ...seeds), { maxLength: 8 }).map((parts) => parts.join("")),
  },
);

const phases = ["expand", "backfill", "contract", "unknown"];
const severities = ["critical", "high", "medium", "low"];

describe("the review of whatever is given to it", () => {
  it("is a review, and what PostgreSQL's grammar refuses is unknown", async () => {
    await fc.assert(
      fc.asyncProperty(anything, fc.constantFrom(...seeds), async (sql, before) => {
        const { migration, evidence } = await review(sql, [before]);
        expect(phases).toContain(migration.phase);
        for (const { severity, what } of migration.findings) {
          expect(severities).toContain(severity);
          expect(what).not.toMatch(/undefined|\[object|NaN/);
        }
        if (canBeRead(sql)) return;
        expect(migration).toMatchObject({ phase: "unknown", findings: [{ rule: "unreadable" }] });
        expect(evidence.verdict).toBe("insufficient");
      }),
      propertyRuns(400),
    );
  });

  it("never passes what ends in the drop of a table that is live", async () => {
    await fc.assert(
      fc.asyncProperty(anything, async (sql) => {
        const { evidence } = await review(`${sql}\n;DROP TABLE that_is_live;`);
        expect(evidence.verdict).not.toBe("pass");
      }),
      propertyRuns(200),
    );
  });

  it("ends for SQL that is nested or repeated without sense, and is right afterwards", async () => {
    await fc.assert(
      fc.asyncProperty(endless, async (sql) => {
        const { migration } = await review(sql);
        expect(phases).toContain(migration.phase);
        const { migration: next } = await review("DROP TABLE that_is_live;");
        expect(next).toMatchObject({ phase: "contract", statements: [{ sql: "DROP TABLE that_is_live" }] });
      }),
      propertyRuns(40),
    );
  });

  it.each([
    ["a zero byte", "SELECT 1;\0DROP TABLE a;"],
    ["half a character", 'DROP TABLE "\ud800";'],
    ["operators without an end", `SELECT 1 ${"/*".repeat(100_000)}`],
    ["brackets without an end", `SELECT ${"(".repeat(100_000)}1${")".repeat(100_000)}`],
    ["a chain without an end", `SELECT 1${"+1".repeat(100_000)}`],
  ])("does not ask the parser about %s", async (_, sql) => {
    const { migration } = await review(sql);
    expect(migration).toMatchObject({ phase: "unknown", findings: [{ rule: "unreadable" }] });
  });

  it.each([
    ["a literal of megabytes", `INSERT INTO a VALUES ('${"x".repeat(3_000_000)}');`, "backfill"],
    ["a comment of megabytes", `/*${"x".repeat(3_000_000)}*/ CREATE TABLE a (id int);`, "expand"],
    ["many rows of numbers below zero", `INSERT INTO a VALUES (1)${", (-1)".repeat(20_000)};`, "backfill"],
    [
      "a CASE of many branches",
      `UPDATE a SET b = CASE ${"WHEN c = 1 THEN 2 ".repeat(5_000)}END WHERE id = 1;`,
      "backfill",
    ],
    ["a long list of conditions", `DELETE FROM a WHERE b = 1${" OR b = 2".repeat(5_000)};`, "backfill"],
  ])("reads %s", async (_, sql, phase) => {
    expect((await review(sql)).migration.phase).toBe(phase);
  });
});

/** By the parser alone: small texts, of which none overflows it. */
function canBeRead(sql: string): boolean {
  if (sql.includes("\0") || !sql.isWellFormed()) return false;
  if (sql.trim() === "") return true;
  try {
    parseSync(sql);
    return true;
  } catch {
    return false;
  }
}
