import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { parseSync, loadModule } from "libpg-query";
import {
  migrationFile,
  readMigrationFiles,
  reviewMigrations,
  type MigrationFile,
} from "../src/database/database.ts";
import { paired, type Paired } from "./paired.ts";
import { installSquawk } from "./squawk.ts";

const sizes = [1_000, 10_000] as const;

/** The review of a long history, over nothing but the parsing of the same statements, over a tenth of it, and over squawk. */
export async function migrations(): Promise<Paired[]> {
  await loadModule();
  const [few, many] = [history(sizes[0]), history(sizes[1])];
  const review = (files: readonly MigrationFile[]) => async () => void (await reviewMigrations(files));
  return [
    await overParsing(few, review(few)),
    await overParsing(many, review(many)),
    await paired(
      `review of ${String(many.length)} migrations, over ${String(few.length)} of the same kind`,
      [`${String(many.length)} migrations`, review(many)],
      [`${String(few.length)} migrations`, review(few)],
      5,
    ),
    ...(await overSquawk(many)),
  ];
}

function overParsing(files: readonly MigrationFile[], review: () => Promise<void>): Promise<Paired> {
  const parse = () => {
    for (const { sql } of files) parseSync(sql);
    return Promise.resolve();
  };
  const title = `review of ${String(files.length)} migrations, over parsing them`;
  return paired(title, ["review", review], ["parse", parse], 5);
}

/** Both read the same files from a directory; squawk judges each by itself, and knows no schema. */
async function overSquawk(files: readonly MigrationFile[]): Promise<Paired[]> {
  const directory = await mkdtemp(join(tmpdir(), "fairway-bench-"));
  try {
    const squawk = await installSquawk(directory);
    if ("missing" in squawk) {
      process.stderr.write(`squawk is not here, and nothing is compared with it: ${squawk.missing}\n`);
      return [];
    }
    for (const { path, sql } of files) {
      await mkdir(dirname(join(directory, path)), { recursive: true });
      await writeFile(join(directory, path), sql);
    }
    const title = `reading and review of ${String(files.length)} migrations, over squawk ${squawk.version}`;
    const review = async () =>
      void (await reviewMigrations(await readMigrationFiles(join(directory, "migrations"))));
    const lint = () => squawk.lint(directory, "migrations/*/migration.sql");
    return [await paired(title, ["reading and review", review], ["squawk", lint], 5)];
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}

/** As a project of Prisma grows: a table in every tenth, and columns, indexes and foreign keys on it in the others. */
function history(size: number): MigrationFile[] {
  return Array.from({ length: size }, (_, index) => {
    const name = `${String(index).padStart(14, "0")}_change`;
    return migrationFile(
      name,
      `migrations/${name}/migration.sql`,
      index % 10 === 0 ? table(index) : column(index),
    );
  });
}

function table(index: number): string {
  return `-- CreateTable
CREATE TABLE "Table${String(index)}" (
    "id" SERIAL NOT NULL,
    "name" TEXT NOT NULL,
    "createdAt" TIMESTAMP(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "Table${String(index)}_pkey" PRIMARY KEY ("id")
);

-- CreateIndex
CREATE UNIQUE INDEX "Table${String(index)}_name_key" ON "Table${String(index)}"("name");
`;
}

function column(index: number): string {
  const table = `"Table${String(index - (index % 10))}"`;
  const column = `"column${String(index)}"`;
  return `-- AlterTable
ALTER TABLE ${table} ADD COLUMN ${column} INTEGER NOT NULL DEFAULT 1;

-- CreateIndex
CREATE INDEX "Table_${String(index)}_idx" ON ${table}(${column});

-- AddForeignKey
ALTER TABLE ${table} ADD CONSTRAINT "Table_${String(index)}_fkey" FOREIGN KEY (${column}) REFERENCES "Table0"("id") ON DELETE RESTRICT ON UPDATE CASCADE;
`;
}
