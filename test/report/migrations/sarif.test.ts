import { expect, it } from "vitest";
import { migrationRules } from "../../../src/index.ts";
import { migrationsJson, migrationsSarif } from "../../../src/report/migrations/migrations.ts";
import { sarifErrors } from "../../support/sarif-schema.ts";
import { commands, reportOn, reportOnFiles, users } from "./review.ts";

interface Log {
  readonly runs: readonly {
    readonly tool: { readonly driver: { readonly rules: readonly { id: string; help: { text: string } }[] } };
    readonly results: readonly {
      readonly ruleId: string;
      readonly ruleIndex: number;
      readonly level: string;
      readonly suppressions?: readonly object[];
      readonly partialFingerprints: Readonly<Record<string, string>>;
      readonly locations: readonly {
        readonly physicalLocation: {
          readonly artifactLocation: { readonly uri: string };
          readonly region: { readonly startLine: number };
        };
      }[];
    }[];
  }[];
}

async function runOf(...sql: readonly string[]) {
  return (JSON.parse(migrationsSarif(await reportOn(...sql))) as Log).runs[0]!;
}

const dangerous = [
  "CREATE INDEX users_email ON users (email);",
  '-- fairway:allow drop-column reason="nobody reads it"',
  "ALTER TABLE users DROP COLUMN name;",
  "DO $$ BEGIN END $$;",
].join("\n");

it("is valid against the schema of SARIF 2.1.0: with findings, exceptions, and what cannot be read", async () => {
  const odd = { name: "ü % #", path: "a b/ü %#?.sql", sql: "SELECT 1 1;" };
  for (const report of [
    await reportOn(users, dangerous),
    await reportOnFiles([odd]),
    await reportOnFiles([]),
  ]) {
    expect(sarifErrors(migrationsSarif(report))).toBeNull();
  }
  expect(sarifErrors('{ "version": "2.1.0" }')).not.toBeNull();
});

it("has a help text for each rule, and says of each result which one it is", async () => {
  const { tool, results } = await runOf(users, dangerous);
  expect(tool.driver.rules.map(({ id }) => id)).toEqual(migrationRules.map(({ id }) => id));
  for (const rule of tool.driver.rules) expect(rule.help.text).toContain(rule.id);
  for (const { ruleId, ruleIndex } of results) expect(tool.driver.rules[ruleIndex]!.id).toBe(ruleId);
});

it("names the line, and calls an exception suppressed", async () => {
  const { results } = await runOf(users, dangerous);
  const dropped = results.find(({ ruleId }) => ruleId === "drop-column")!;
  expect(dropped.locations[0]!.physicalLocation).toMatchObject({
    artifactLocation: { uri: "db/1_x.sql" },
    region: { startLine: 3 },
  });
  expect(dropped.suppressions).toEqual([
    { kind: "inSource", status: "accepted", justification: "nobody reads it" },
  ]);
  expect(results.find(({ ruleId }) => ruleId === "index-not-concurrent")!.suppressions).toBeUndefined();
});

it("a result keeps its fingerprint when lines are added above it, and shares it with no other", async () => {
  const twice = `${dangerous}\nCREATE INDEX other ON users (email);\nCREATE INDEX other ON users (email);`;
  const prints = (run: Awaited<ReturnType<typeof runOf>>) =>
    run.results.map(({ partialFingerprints }) => partialFingerprints["fairwayStatement/v1"]);
  const before = prints(await runOf(users, twice));
  expect(prints(await runOf(users, `-- why\n\n\n${twice}`))).toEqual(before);
  expect(new Set(before).size).toBe(before.length);
});

it("what a terminal obeys is spelled as JSON spells it, and is the same value", async () => {
  const name = `a${commands}b`;
  const report = await reportOn(`CREATE TABLE "${name}" (id int);`, `DROP TABLE "${name}";`);
  for (const json of [migrationsJson(report), migrationsSarif(report)]) {
    expect(json).not.toMatch(/\p{Cc}|\p{Cf}/u);
    expect(JSON.parse(json)).not.toBeNull();
  }
  const { migrations } = JSON.parse(migrationsJson(report)) as typeof report;
  expect(migrations).toEqual(report.migrations);
});
