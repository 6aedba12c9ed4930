import { describe, expect, it } from "vitest";
import { migrationFile, reviewMigrations, type Uses } from "../../../src/database/database.ts";
import type { Example, Rule } from "../../../src/database/review/rules/rule.ts";
import { rules } from "../../../src/database/review/rules/rules.ts";

async function findings(rule: Rule, example: Example, migrations?: readonly string[]) {
  const { before, sql, postgres, transaction, unused } =
    typeof example === "string" ? { sql: example } : example;
  const files = [...(before === undefined ? [] : [before]), ...(migrations ?? [sql])].map((text, index) =>
    migrationFile(String(index), `${String(index)}.sql`, text),
  );
  const { migrations: reviewed } = await reviewMigrations(files, {
    rules: [rule],
    ...(migrations === undefined && before !== undefined ? { applied: ["0"] } : {}),
    ...(postgres === undefined ? {} : { postgres }),
    ...(transaction === undefined ? {} : { transaction }),
    ...(unused === undefined ? {} : { uses: allBut(unused) }),
  });
  return reviewed.slice(migrations === undefined || before === undefined ? 0 : 1);
}

/** Nobody uses these; of all others that is not known. */
function allBut(unused: readonly string[]): Uses {
  const ask = (...names: readonly string[]) => ({
    state: names.some((name) => unused.includes(name)) ? ("unused" as const) : ("unknown" as const),
    by: [],
  });
  return { table: ask, column: (table, column) => ask(table, `${table}.${column}`), type: ask };
}

const ofThis = (rule: Rule, reviewed: Awaited<ReturnType<typeof findings>>) =>
  reviewed.flatMap((migration) => migration.findings.filter((finding) => finding.rule === rule.id));

describe.each(rules.map((rule) => [rule.id, rule] as const))("%s", (id, rule) => {
  it("is named as its file and says what it is", () => {
    expect(id).toMatch(/^[a-z]+(-[a-z]+)*$/);
    expect(rule.catches.length).toBeLessThan(120);
    expect(rule.why).not.toBe("");
  });

  it.each(rule.examples.bad.map((example) => [example]))("finds it in %j", async (example) => {
    const found = ofThis(rule, await findings(rule, example));
    expect(found.length).toBeGreaterThan(0);
    expect(found[0]!.what).not.toMatch(/undefined|null\b.*\bnull/);
  });

  it.each([...rule.examples.good, ...rule.examples.goodInContext].map((example) => [example]))(
    "finds nothing in %j",
    async (example) => {
      const reviewed = await findings(rule, example);
      expect(ofThis(rule, reviewed)).toEqual([]);
      expect(
        reviewed.flatMap((migration) => migration.findings.filter(({ rule }) => rule === "unreadable")),
      ).toEqual([]);
    },
  );

  it.each(quietOnes(rule))("finds it in %j, where somebody may use that", async (example) => {
    const { unused, ...used } = example;
    expect(unused).not.toEqual([]);
    expect(ofThis(rule, await findings(rule, used))).not.toEqual([]);
  });

  it.each(rule.examples.bad.map((example) => [example]))(
    "is not found in its own safe way for %j",
    async (example) => {
      const [found] = ofThis(rule, await findings(rule, example));
      const steps = found!.instead.flatMap((step) => ("sql" in step ? [step.sql] : []));
      const reviewed = await findings(rule, example, steps);
      expect(ofThis(rule, reviewed)).toEqual([]);
      expect(
        reviewed.flatMap((migration) => migration.findings.filter(({ rule }) => rule === "unreadable")),
      ).toEqual([]);
    },
  );
});

/** The examples that are good since nobody uses the thing. */
function quietOnes({ examples }: Rule) {
  return examples.goodInContext.flatMap((example) =>
    typeof example !== "string" && example.unused !== undefined ? [[example] as const] : [],
  );
}
