import { expect, it } from "vitest";
import { migrationsMarkdown } from "../../../src/report/migrations/migrations.ts";
import { outsideOfCode } from "../../support/outside-of-code.ts";
import { commands, reportOn, reportOnFiles, users } from "./review.ts";

const evil =
  "x|`````\n```</details><img src=x onerror=alert(1)>[a](javascript:b) @everyone #1 https://example.com/ **b**";

it("nothing that SQL, a path or a reason holds breaks out of it", async () => {
  const name = evil.replaceAll('"', '""');
  const path = evil.replaceAll("\n", "");
  const report = await reportOnFiles([
    { name: "0", path: "0.sql", sql: `${users} CREATE TABLE "${name}" (id int, "${name}" text);` },
    {
      name: path,
      path,
      sql: [
        `ALTER TABLE "${name}" DROP COLUMN "${name}";`,
        `-- fairway:allow drop-column reason="${path}"\nALTER TABLE users DROP COLUMN name;`,
        `-- fairway:phase contract reason="${path}"`,
        `DO $x$ ${evil} ${commands} $x$;`,
        `CREATE INDEX ON "${name}" (id);`,
      ].join("\n"),
    },
  ]);
  const markdown = migrationsMarkdown(report);
  expect(markdown).toContain("drop-column");
  const read = outsideOfCode(markdown);
  expect(read).not.toMatch(/[<>@[\]]|https?:|(?<!&)#1|`/);
  // Rows of the table keep their columns.
  const rows = markdown.split("\n").filter((line) => line.startsWith("|"));
  expect(new Set(rows.map((row) => row.split("|").length)).size).toBe(1);
  expect(markdown).not.toMatch(/[^\n\P{Cc}]|\p{Cf}/u);
});

it("fits into a comment, and counts what does not", async () => {
  const sql = Array.from({ length: 400 }, (_, at) => `DROP TABLE t${String(at)};`).join("\n");
  const files = Array.from({ length: 5 }, (_, at) => ({
    name: `${String(at)}_x`,
    path: `${String(at)}_x.sql`,
    sql,
  }));
  const markdown = migrationsMarkdown({
    ...(await reportOn(users)),
    migrations: (await Promise.all(files.map((file) => reportOnFiles([file])))).flatMap(
      ({ migrations }) => migrations,
    ),
  });
  expect(markdown.length).toBeLessThan(65_536);
  expect(markdown).toMatch(/\d more did not fit here: `npx fairway migrations`/);
});

it("is short where nothing is in the way", async () => {
  const markdown = migrationsMarkdown(await reportOn(users, "CREATE TABLE teams (id bigint PRIMARY KEY);"));
  expect(markdown.split("\n")[0]).toBe("## Migrations: nothing in the way");
  expect(markdown.split("\n").length).toBeLessThan(9);
});
