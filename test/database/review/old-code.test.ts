import { expect, it } from "vitest";
import { migrationFile, reviewMigrations, usesOf } from "../../../src/database/database.ts";

const orders = "CREATE TABLE a (id int PRIMARY KEY, b int NOT NULL DEFAULT 1, c text, d varchar(9), e date);";
const live = {
  label: "1.0.0 (live)",
  uses: { tables: { a: ["id", "b", "c", "d", "e"] }, types: [], sql: [] },
};

async function verdicts(sql: string): Promise<string[]> {
  const { migrations } = await reviewMigrations(
    [migrationFile("0", "0.sql", orders), migrationFile("1", "1.sql", sql)],
    { applied: ["0"], uses: usesOf([live]) },
  );
  return migrations[0]!.statements.flatMap(({ effects }) => effects.map(({ oldCode }) => oldCode.verdict));
}

it.each([
  ["a number of another kind", "ALTER TABLE a ALTER b TYPE bigint"],
  ["a number as characters", "ALTER TABLE a ALTER b TYPE text"],
  ["a shorter text", "ALTER TABLE a ALTER d TYPE varchar(3)"],
  ["a date with its time", "ALTER TABLE a ALTER e TYPE timestamptz"],
  ["a default that is no more", "ALTER TABLE a ALTER b DROP DEFAULT"],
])("%s may break the code that uses it, by what it writes and how it reads", async (_, sql) => {
  expect(await verdicts(sql)).toEqual(["may break"]);
});

it.each([
  ["characters as numbers", "ALTER TABLE a ALTER c TYPE int USING c::int", ["breaks"]],
  ["characters as JSON", "ALTER TABLE a ALTER c TYPE jsonb USING c::jsonb", ["breaks"]],
  ["a number as a list", "ALTER TABLE a ALTER b TYPE int[] USING ARRAY[b]", ["breaks"]],
  [
    "a unique column in which old code leaves the same value each time",
    "ALTER TABLE a ADD f text NOT NULL DEFAULT ''; CREATE UNIQUE INDEX ON a (f)",
    ["works", "breaks"],
  ],
])("%s: the code that uses it breaks", async (_, sql, expected) => {
  expect(await verdicts(sql)).toEqual(expected);
});

it.each([
  ["with another column that differs", "CREATE UNIQUE INDEX ON a (f, c)"],
  ["for some of the rows", "CREATE UNIQUE INDEX ON a (f) WHERE c IS NULL"],
])("a new column that is unique %s may break it", async (_, index) => {
  expect(await verdicts(`ALTER TABLE a ADD f text NOT NULL DEFAULT ''; ${index}`)).toEqual([
    "works",
    "may break",
  ]);
});
