import { expect, it } from "vitest";
import { migrationRules } from "../../../src/index.ts";
import {
  ruleMarkdown,
  rulesMarkdown,
  rulesText,
  ruleText,
} from "../../../src/report/migrations/migrations.ts";

it("each rule is explained with its examples, in lines that fit", () => {
  for (const rule of migrationRules) {
    const text = ruleText(rule);
    expect(text.split("\n")[0]).toBe(`${rule.id} (${rule.severity})`);
    expect(text.split("\n").filter((line) => line.length >= 110)).toEqual([]);
    if (rule.examples !== undefined) {
      expect(text).toContain("It finds this:");
      expect(ruleMarkdown(rule)).toContain("```sql");
    }
  }
});

it("an example that is good since nobody uses the thing says so", () => {
  const rule = migrationRules.find(({ id }) => id === "rename-column")!;
  expect(ruleText(rule)).toContain("-- the migration, where no live code uses users.nick:");
});

it("all rules have a line, with what they catch", () => {
  for (const { id } of migrationRules) {
    expect(rulesText()).toMatch(new RegExp(`^${id} `, "m"));
    expect(rulesMarkdown()).toContain(`| \`${id}\` |`);
  }
});
