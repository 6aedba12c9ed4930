import { chmod, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { inputOf, type MeasureOptions } from "../../../../src/database/measure/step.ts";
import { runMeasurement } from "../../../../src/database/measure/run/run.ts";
import type { MeasuredLocks } from "../../../../src/database/measure/measure.ts";
import { migrationFile } from "../../../../src/database/migrations.ts";
import { type RunningPostgres, startPostgres } from "../../../../src/host/postgres/postgres.ts";

type Options = Pick<MeasureOptions, "tables" | "budgetRows" | "fractions" | "repeats">;

export interface TestServer extends AsyncDisposable {
  readonly postgres: RunningPostgres;
  /** Measures statements, one a line, on what `earlier` makes. */
  measure(earlier: string, statements: string, options?: Options): Promise<MeasuredLocks>;
  /** The same with so few rows that what it measures means nothing: for tests about the rows. */
  problems(
    earlier: string,
    statements: string,
    options?: Options,
  ): Promise<{
    readonly tables: Readonly<Record<string, string | null>>;
    readonly rows: Readonly<Record<string, readonly number[]>>;
    readonly statements: readonly (string | null)[];
  }>;
}

const few = { budgetRows: 320, fractions: [1], repeats: 0 };

/** A PostgreSQL that is thrown away. */
export async function testServer(): Promise<TestServer> {
  const root = await mkdtemp(join(tmpdir(), "fairway-measure-"));
  // Entered by uid 65534, which root runs it as.
  await chmod(root, 0o755);
  const postgres = await startPostgres({ dataDirectory: join(root, "data"), template: true });
  const measure: TestServer["measure"] = async (earlier, statements, options = {}) =>
    runMeasurement(
      postgres.url(),
      await inputOf({
        earlier: [migrationFile("1_earlier", "1_earlier/migration.sql", earlier)],
        migrations: [migrationFile("2_new", "2_new/migration.sql", statements)],
        ...{ budgetRows: 4_800, repeats: 1, ...options },
      }),
    );
  return {
    postgres,
    measure,
    problems: async (earlier, statements, options = {}) => {
      const measured = await measure(earlier, statements, { ...few, ...options });
      const { tables } = measured;
      return {
        tables: Object.fromEntries(tables.map(({ table, problem }) => [table, problem])),
        rows: Object.fromEntries(tables.map(({ table, rows }) => [table, rows])),
        statements: measured.statements.map(({ problem }) => problem),
      };
    },
    [Symbol.asyncDispose]: async () => {
      await postgres.stop();
      await rm(root, { recursive: true, force: true });
    },
  };
}
