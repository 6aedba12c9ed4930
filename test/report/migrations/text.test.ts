import { expect, it } from "vitest";
import { migrationsText } from "../../../src/report/migrations/migrations.ts";
import { rules } from "../../../src/database/review/rules/rules.ts";
import { commands, reportOn, reportOnFiles, users } from "./review.ts";

it("says where and what, whom it blocks, whether old code works, whether it comes back, and what to do instead", async () => {
  // Rules come and go: it is about how the text looks.
  const shown = rules.filter(({ id }) => ["drop-column", "index-not-concurrent"].includes(id));
  const [before, sql] = [
    users,
    [
      "CREATE INDEX users_email ON users (email);",
      '-- fairway:allow drop-column reason="nobody reads it" until=2027-01-31',
      "ALTER TABLE users DROP COLUMN name;",
      "CREATE TABLE teams (id bigint PRIMARY KEY);",
    ].join("\n"),
  ];
  const files = [before, sql].map((text, at) => ({
    name: String(at),
    path: `db/${String(at)}.sql`,
    sql: text,
  }));
  const report = await reportOnFiles(files, shown);
  await expect(`${migrationsText(report)}\n`).toMatchFileSnapshot("./golden/review.txt");
});

it("has no line of 110 columns, whatever is in the SQL", async () => {
  const long = "n".repeat(63);
  const sql = [
    `CREATE INDEX "${long}" ON "${"t".repeat(60)}" ("${long}", ${"lower(name), ".repeat(40)} id);`,
    `ALTER TABLE users ALTER COLUMN email SET NOT NULL;`,
    `ALTER TABLE users DROP COLUMN "${long}";`,
    `DO $$ ${"x".repeat(500)} $$;`,
  ].join("\n");
  const lines = migrationsText(await reportOn(users, sql)).split("\n");
  expect(lines.length).toBeGreaterThan(20);
  expect(lines.filter((line) => line.length >= 110)).toEqual([]);
});

it("shows what a terminal would obey by its number", async () => {
  const name = `a${commands}b`;
  const report = await reportOn(
    `${users} CREATE TABLE "${name}" (id int, "${name}" text);`,
    [
      `ALTER TABLE "${name}" DROP COLUMN "${name}";`,
      `-- fairway:allow drop-column reason="${name}"\nALTER TABLE users DROP COLUMN name;`,
      `CREATE INDEX ON "${name}" (id);`,
    ].join("\n"),
  );
  const broken = await reportOn(users, `DROP "${name}"`);
  for (const { migrations, evidence, ...rest } of [report, broken]) {
    const text = migrationsText({ migrations, evidence, ...rest });
    expect(text).toContain("\\u{1b}[31m");
    for (const said of [
      text,
      evidence[0]!.summary,
      evidence[0]!.verdict === "pass" ? "" : evidence[0]!.details,
    ])
      expect(said).not.toMatch(/[^\n\P{Cc}]|\p{Cf}/u);
  }
});

it("says one line of what needs nobody", async () => {
  const report = await reportOn(users, "CREATE TABLE teams (id bigint PRIMARY KEY);");
  expect(migrationsText(report)).toBe("1_x  expand  live code goes on working\n\n1 migration expands");
});
