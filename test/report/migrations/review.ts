import { reviewMigrations, type MigrationFile, type Rule } from "../../../src/index.ts";
import type { MigrationsReport } from "../../../src/report/migrations/reviewed.ts";

/** A report over SQL, as a caller of the package has it: the last file is new, those before it are live. */
export async function reportOn(...sql: readonly string[]): Promise<MigrationsReport> {
  const files = sql.map((text, index) => ({
    name: `${String(index)}_x`,
    path: `db/${String(index)}_x.sql`,
    sql: text,
  }));
  return reportOnFiles(files);
}

export async function reportOnFiles(
  files: readonly Omit<MigrationFile, "checksum">[],
  rules?: readonly Rule[],
): Promise<MigrationsReport> {
  const applied = files.slice(0, -1).map(({ name }) => name);
  const { migrations, evidence } = await reviewMigrations(files, {
    applied,
    ...(rules === undefined ? {} : { rules }),
    today: new Date("2026-06-01T00:00:00Z"),
  });
  return {
    ...{ verdict: evidence.verdict, summary: evidence.summary, migrations, evidence: [evidence] },
    ...{ applied: [], places: new Map(), notes: [], command: "npx fairway" },
  };
}

export const users = "CREATE TABLE users (id bigint PRIMARY KEY, email text, name text);";

/** What a terminal obeys: escapes, a bell, a backspace, an 8-bit control, a turned line. */
export const commands = "\u001b[31m\u0007\u0008\u009b2J\u202e";
