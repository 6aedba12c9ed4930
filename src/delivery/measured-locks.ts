import { randomUUID } from "node:crypto";
import type { Secret } from "@dagger.io/dagger";
import {
  liveTableSizes,
  type LockForecast,
  lockForecast,
  measureLocks,
  type MigrationFile,
} from "../database/database.ts";
import type { Project } from "../steps/steps.ts";
import type { Delivery } from "./delivery.ts";

export interface LockQuestion {
  readonly project: Pick<Project, "client" | "images">;
  /** Those that the database has, oldest first. */
  readonly earlier: readonly MigrationFile[];
  /** Those that are to come, oldest first. */
  readonly migrations: readonly MigrationFile[];
  /** Major version of PostgreSQL: `"18"`. */
  readonly postgres: string;
  /** Rows by table, as fairway.yaml has them. */
  readonly tables: Readonly<Record<string, number>>;
  /** URL of a database that is asked for its tables' sizes, in a session that only reads. */
  readonly database?: Secret | undefined;
  readonly limitSeconds: number | null;
}

/** Measures on a database of its own, and forecasts for tables as large as the real ones. Null where nothing is to come. */
export async function measuredLocks(
  delivery: Delivery,
  question: LockQuestion,
): Promise<LockForecast | null> {
  const { project, earlier, migrations, postgres, database, limitSeconds } = question;
  if (migrations.length === 0) return null;
  const live =
    database === undefined
      ? {}
      : await liveTableSizes(
          project,
          { url: database, operationId: `sizes/${randomUUID()}` },
          delivery.progress,
        );
  // The statistics are newer than what somebody wrote down once.
  const tables = { ...asShown(question.tables), ...live };
  const measured = await measureLocks(project, { earlier, migrations, postgres, tables }, delivery.progress);
  return lockForecast(measured, { tables }, limitSeconds);
}

/** Tables of `public` go without their schema. */
function asShown(tables: Readonly<Record<string, number>>): Record<string, number> {
  return Object.fromEntries(
    Object.entries(tables).map(([name, rows]) => [name.replace(/^public\./, ""), rows]),
  );
}
