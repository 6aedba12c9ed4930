import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { expect, it } from "vitest";
import { readMigrationFiles, reviewMigrations } from "../../src/index.ts";

async function namesIn(paths: readonly string[]): Promise<readonly string[]> {
  const directory = await mkdtemp(join(tmpdir(), "fairway-sql-"));
  try {
    for (const path of paths) {
      await mkdir(dirname(join(directory, path)), { recursive: true });
      await writeFile(join(directory, path), `-- ${path}\nSELECT 1;\n`);
    }
    const files = await readMigrationFiles(directory);
    for (const { path, sql } of files) expect(sql).toBe(`-- ${path}\nSELECT 1;\n`);
    return files.map(({ name }) => name);
  } finally {
    await rm(directory, { recursive: true });
  }
}

const layouts: readonly [string, readonly string[], readonly string[]][] = [
  [
    "Prisma's folders by their letters, without what takes them back",
    [
      "migration_lock.toml",
      "20260102_b/migration.sql",
      "20260102_b/down.sql",
      "20260101_a/migration.sql",
      "seed.sql",
    ],
    ["20260101_a", "20260102_b"],
  ],
  [
    "plain files by their numbers, padded or not",
    ["10_c.sql", "2_b.sql", "001_a.sql", "2_b.down.sql", "README.md", "V11__d.sql"].map(
      (name) => `db/${name}`,
    ),
    ["001_a", "2_b", "10_c", "V11__d"],
  ],
  [
    "Drizzle's files beside its journal",
    ["drizzle/meta/_journal.json", "drizzle/0001_b.sql", "drizzle/0000_a.sql"],
    ["0000_a", "0001_b"],
  ],
  [
    "Knex's exports by their times",
    ["20260102080000_b.up.sql", "20260102080000_b.down.sql", "20260101080000_a.sql"],
    ["20260101080000_a", "20260102080000_b"],
  ],
  [
    "the directory's own files, whatever stands below",
    ["1_a.sql", "old/0_z.sql", "node_modules/x/1_q.sql"],
    ["1_a"],
  ],
  ["nothing where there is no SQL", ["README.md", ".git/1_x.sql"], []],
];

for (const [what, paths, names] of layouts) {
  it(`reads ${what}`, async () => {
    expect(await namesIn(paths)).toEqual(names);
  });
}

it("asks which directory is meant where several hold migrations", async () => {
  await expect(namesIn(["a/1_x.sql", "b/1_x.sql"])).rejects.toMatchObject({
    code: "MIGRATIONS_AMBIGUOUS",
    exitCode: 2,
    output: "a\nb",
  });
});

it("a caller needs no more than name, path and SQL; Drizzle's breakpoints are comments", async () => {
  const sql = 'CREATE TABLE "a" ("id" serial PRIMARY KEY);\n--> statement-breakpoint\nDROP TABLE "b";';
  const { migrations } = await reviewMigrations([{ name: "0000_a", path: "drizzle/0000_a.sql", sql }]);
  expect(migrations[0]!.statements.map(({ line }) => line)).toEqual([1, 3]);
  expect(migrations[0]!.checksum).toMatch(/^[0-9a-f]{64}$/);
});
