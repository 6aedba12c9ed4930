import { readFileSync } from "node:fs";

/** What Prisma writes for a change of the schema. */
export interface RecordedMigration {
  readonly title: string;
  /** The models of the previous release. */
  readonly before: string;
  readonly after: string;
  /** The SQL that makes the database of the previous release. */
  readonly created: string;
  /** The migration. */
  readonly sql: string;
}

export const recordedPath = new URL("migrations.json", import.meta.url);

/** As `npm run prisma-changes` wrote them. */
export function recordedMigrations(): readonly RecordedMigration[] {
  return JSON.parse(readFileSync(recordedPath, "utf8")) as readonly RecordedMigration[];
}
