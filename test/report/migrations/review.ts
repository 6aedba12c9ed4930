import { reviewMigrations, type MigrationFile, type Rule } from "../../../src/index.ts";
import { lockForecast, type LockForecast, type MeasuredStatement } from "../../../src/database/database.ts";
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

/** A file of two statements on one table: what takes an instant, and what grows with the rows or is not known. */
export function forecastOf(change: Partial<MeasuredStatement> = {}, rows = 3_000_000): LockForecast {
  const rowsOf = [12_500, 50_000, 200_000];
  const statement = (line: number, milliseconds: (rows: number) => number): MeasuredStatement => ({
    ...{ migration: "1_x", path: "db/1_x.sql", line, sql: "ALTER TABLE users ADD a int" },
    ...{ tables: ["users"], transaction: true, nth: 0, rewrites: [], problem: null },
    locks: [{ relation: "users", kind: "table", mode: "ACCESS EXCLUSIVE", granted: true, isNew: false }],
    blocked: [{ table: "users", reads: "waits", writes: "waits" }],
    samples: rowsOf.map((count) => ({
      ...{ rows: count, durationsMs: [milliseconds(count), milliseconds(count)], walBytes: [0, 0] },
      ...{ touchedRows: milliseconds(count) === milliseconds(0) ? 0 : count, waits: [] },
    })),
  });
  const server = { version: "18.4", walLevel: "replica", fullPageWrites: true, fsync: true };
  const statements = [statement(1, () => 1), { ...statement(3, (count) => 5 + count / 1000), ...change }];
  const tables = [{ table: "users", rows: rowsOf, problem: null }];
  return lockForecast({ server, sizes: rowsOf, tables, statements }, { tables: { users: rows } }, 1);
}
