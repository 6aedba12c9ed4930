import { parseSync, loadModule } from "libpg-query";
import { migrationFile, reviewMigrations } from "../src/database/database.ts";
import { paired, type Paired } from "./paired.ts";

const sizes = [1_000, 10_000];

/** The review of a long history, over nothing but the parsing of the same statements by PostgreSQL's own parser. */
export async function migrations(): Promise<Paired[]> {
  await loadModule();
  const figures: Paired[] = [];
  for (const size of sizes) {
    const files = history(size);
    figures.push(
      await paired(
        `review of ${String(size)} migrations, over parsing them`,
        ["review", async () => void (await reviewMigrations(files))],
        [
          "parse",
          () => {
            for (const { sql } of files) parseSync(sql);
            return Promise.resolve();
          },
        ],
        5,
      ),
    );
  }
  return figures;
}

/** As a project of Prisma grows: a table in every tenth, and columns, indexes and foreign keys on it in the others. */
function history(size: number) {
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
