import { expect, it } from "vitest";
import { migrationFile, reviewMigrations } from "../../../src/database/database.ts";

const files = [
  migrationFile("1_a", "m/1_a/migration.sql", "CREATE TABLE a (id int PRIMARY KEY, b text);"),
  migrationFile("2_b", "m/2_b/migration.sql", "ALTER TABLE a ALTER COLUMN b SET NOT NULL;"),
  migrationFile("3_c", "m/3_c/migration.sql", "CREATE UNIQUE INDEX other_b ON other (b);"),
];
const applied = ["1_a"];

async function scansOf(schema?: readonly string[]) {
  const options = schema === undefined ? {} : { schema };
  const { migrations } = await reviewMigrations(files, { applied, ...options });
  return migrations.map(({ name, statements }) => [
    name,
    statements.flatMap(({ effects }) => effects.flatMap(({ scans }) => scans)),
  ]);
}

it("a check that somebody made by hand proves that a column holds no null: no row is read", async () => {
  const table = "CREATE TABLE a (id integer NOT NULL, b text)";
  const check = "ALTER TABLE a ADD CONSTRAINT b_there CHECK ((b IS NOT NULL))";
  expect((await scansOf())[0]).toEqual(["2_b", ["a"]]);
  expect((await scansOf([table]))[0]).toEqual(["2_b", ["a"]]);
  expect((await scansOf([table, check]))[0]).toEqual(["2_b", []]);
  expect((await scansOf([table, `${check} NOT VALID`]))[0]).toEqual(["2_b", ["a"]]);
});

it("what is live is older than all that is pending: a table that is there is in use", async () => {
  const { migrations } = await reviewMigrations(files, {
    applied,
    schema: ["CREATE TABLE a (id int)", "CREATE TABLE other (b text)"],
  });
  const rules = migrations.flatMap(({ findings }) => findings.map(({ rule }) => rule));
  expect(rules).toContain("index-not-concurrent");
});

it("a statement of the live schema that cannot be read leaves the rest, and what it may have made in doubt", async () => {
  const [first] = await scansOf([
    "CREATE TABLE a (id int, b text)",
    "CREATE WHATEVER x",
    "ALTER TABLE a ADD CONSTRAINT b_there CHECK (b IS NOT NULL)",
  ]);
  expect(first).toEqual(["2_b", []]);
});

it("without being told which are applied, the live schema says nothing", async () => {
  const { migrations } = await reviewMigrations(files, { schema: [] });
  expect(migrations.map(({ name }) => name)).toEqual(["1_a", "2_b", "3_c"]);
});
