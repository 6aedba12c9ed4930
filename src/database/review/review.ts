import type { Evidence } from "../../model/evidence.ts";
import type { PlannedMigration } from "../../model/plan.ts";
import { migrationFile, type MigrationFile } from "../migrations.ts";
import { evidenceOf } from "./evidence.ts";
import type { Effects } from "./effects/effects.ts";
import { reviewFile } from "./file.ts";
import type { Phase } from "./phase.ts";
import type { Rule, SafeStep, Severity } from "./rules/rule.ts";
import { Schema } from "./schema/schema.ts";
import type { Uses } from "./situation.ts";
import type { AllowedBy } from "./exceptions.ts";

export interface ReviewOptions {
  /**
   * The migrations that live code knows, by name: all others come together in one release. Absent: each is judged as a
   * release of its own, after all those before it.
   */
  readonly applied?: readonly string[];
  /** True while no release serves from this database: then there is no live code to break. Absent: false. */
  readonly firstDeploy?: boolean;
  /** The server's major version. Absent: 17. */
  readonly postgres?: number;
  /** What code that is live uses. Absent: it is not known, and all that is there is taken to be used. */
  readonly uses?: Uses;
  /**
   * The statements that would make the database as it is now, live: those that are applied are then not read, and what no
   * migration made is known. Needs `applied`. Absent: it is what the files before have made.
   */
  readonly schema?: readonly string[];
  /** Whether the files are all that made the database. Absent: true. */
  readonly isWhole?: boolean;
  /** Whether a file of several statements is run in one transaction, as Prisma does. Absent: `file`. */
  readonly transaction?: "file" | "statement";
  /** The day on which exceptions are asked whether they still count. Absent: none has ended. */
  readonly today?: Date;
  /** The command that reviews them again. Absent: `fairway migrations`. */
  readonly repeat?: string;
  /** Absent: all of them. */
  readonly rules?: readonly Rule[];
}

/** A migration, whoever has read it: its checksum is made where it is not known. */
export type SqlFile = Omit<MigrationFile, "checksum"> & Partial<Pick<MigrationFile, "checksum">>;

export interface MigrationReview {
  /** Those that were asked about: all that are not applied; all, where it was not said which are. */
  readonly migrations: readonly ReviewedMigration[];
  /** Named `migrations`: pass when old code goes on working with each; fail or insufficient say what has to be decided. */
  readonly evidence: Evidence;
}

/** What the review found out about one migration. */
export interface ReviewedMigration extends PlannedMigration {
  readonly path: string;
  /** SHA-256 of the file in hexadecimal: what an approval of it is bound to. */
  readonly checksum: string;
  /** That of its gravest statement, or what a person says of it in the file. */
  readonly phase: Phase;
  readonly statements: readonly ReviewedStatement[];
  /** Gravest first, then as they stand in the file; those that an exception allows are in it and say so. */
  readonly findings: readonly Finding[];
  /** Rows or values that are gone when it has run. */
  readonly destroys: boolean;
}

export interface ReviewedStatement {
  /** 1 for the file's first. */
  readonly line: number;
  /** The statement in one line of at most 90 characters. */
  readonly sql: string;
  readonly phase: Phase;
  readonly effects: readonly Effects[];
}

export interface Finding {
  /** `drop-column`; `unreadable` and `not-analysed` are the review's own. */
  readonly rule: string;
  readonly severity: Severity;
  /** `prisma/migrations/20261103120000_orders/migration.sql:12` */
  readonly place: string;
  readonly sql: string;
  readonly what: string;
  readonly instead: readonly SafeStep[];
  /** Null where nobody made an exception of it. */
  readonly allowed: AllowedBy | null;
}

/**
 * Reads migrations with PostgreSQL's own grammar, statement by statement, with the schema that the ones before have made:
 * what each locks, rewrites and loses, whether the code that is live goes on working, and the safe way. Pure: no database,
 * no network. What cannot be read or analysed is `unknown`, and never a pass.
 * @param files all migrations of the database, oldest first
 */
export async function reviewMigrations(
  files: readonly SqlFile[],
  options: ReviewOptions = {},
): Promise<MigrationReview> {
  const started = performance.now();
  const applied = options.applied === undefined ? null : new Set(options.applied);
  const isLive = options.schema !== undefined && applied !== null;
  const schema = new Schema({ isComplete: isLive || (options.isWhole ?? true) });
  if (isLive) await beginWith(options.schema ?? [], schema, options);
  const firstNew = applied === null ? 0 : files.findIndex(({ name }) => !applied.has(name));
  const migrations: ReviewedMigration[] = [];
  for (const [index, file] of files.entries()) {
    const isAsked = applied === null || !applied.has(file.name);
    if (isLive && !isAsked) continue;
    schema.beginMigration(
      // What is applied is there, also where a migration that comes before it by its name is not.
      isAsked ? index : -1,
      liveBefore(index, { applied, firstNew, firstDeploy: options.firstDeploy ?? false }),
    );
    const reviewed = await reviewFile(withChecksum(file), schema, options, isAsked);
    if (isAsked) migrations.push(reviewed);
  }
  const durationMs = Math.round(performance.now() - started);
  return { migrations, evidence: evidenceOf(migrations, durationMs, options) };
}

/** What is there before the first migration that is asked about; what cannot be read of it may be anything. */
async function beginWith(
  statements: readonly string[],
  schema: Schema,
  options: ReviewOptions,
): Promise<void> {
  schema.beginMigration(-1, 0);
  for (const sql of statements)
    await reviewFile(migrationFile("the live database", "", sql), schema, options, false);
}

function withChecksum({ checksum, name, path, sql }: SqlFile): MigrationFile {
  return checksum === undefined ? migrationFile(name, path, sql) : { name, path, sql, checksum };
}

/** The first migration that live code does not know. */
function liveBefore(
  index: number,
  {
    applied,
    firstNew,
    firstDeploy,
  }: { applied: ReadonlySet<string> | null; firstNew: number; firstDeploy: boolean },
): number {
  if (firstDeploy) return 0;
  return applied === null || firstNew < 0 ? index : Math.min(index, firstNew);
}
