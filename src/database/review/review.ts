import type { Evidence } from "../../model/evidence.ts";
import type { PlannedMigration } from "../../model/plan.ts";
import type { MigrationFile } from "../migrations.ts";
import { doubtsOf } from "./expand.ts";
import { parseSql } from "./parse.ts";

/** What the review found out about one migration. */
export interface ReviewedMigration extends PlannedMigration {
  /** `expand`, or `unknown` where a person has to decide. */
  readonly phase: "expand" | "unknown";
  /** Each statement that is not plainly an expansion; empty for `expand`. */
  readonly objections: readonly Objection[];
}

export interface Objection {
  /** `packages/database/prisma/migrations/20261103120000_orders/migration.sql:12` */
  readonly place: string;
  /** The statement's beginning, in one line. */
  readonly statement: string;
  readonly why: string;
  readonly instead: string;
}

export interface MigrationReview {
  readonly migrations: readonly ReviewedMigration[];
  /** Named `migrations`: pass when each is `expand`, else insufficient. */
  readonly evidence: Evidence;
}

/**
 * Reads migrations that are to be applied with the real grammar, and answers for each whether the code that is live
 * goes on working after it. What cannot be read is never a pass.
 * @param options.firstDeploy true while no release serves from this database: then there is no live code to break.
 */
export async function reviewMigrations(
  files: readonly MigrationFile[],
  options: { readonly firstDeploy: boolean },
): Promise<MigrationReview> {
  const started = performance.now();
  const migrations = await Promise.all(files.map((file) => review(file, options)));
  return {
    migrations,
    evidence: evidenceOf(migrations, Math.round(performance.now() - started), options.firstDeploy),
  };
}

async function review(
  file: MigrationFile,
  { firstDeploy }: { readonly firstDeploy: boolean },
): Promise<ReviewedMigration> {
  const parsed = await parseSql(file.sql);
  if (!parsed.ok) {
    return {
      name: file.name,
      phase: "unknown",
      objections: [
        {
          place: `${file.path}:${String(parsed.line)}`,
          statement: "",
          why: `PostgreSQL's parser cannot read it: ${parsed.message}`,
          instead: "Correct the SQL; where a newer PostgreSQL understands it, a person has to decide.",
        },
      ],
    };
  }
  if (firstDeploy) return { name: file.name, phase: "expand", objections: [] };
  const objections = doubtsOf(parsed.statements).map(({ offset, why, instead }) => ({
    place: `${file.path}:${String(parsed.lineAt(offset))}`,
    statement: excerpt(parsed.statements.findLast((statement) => statement.offset <= offset)?.text ?? ""),
    why,
    instead,
  }));
  return { name: file.name, phase: objections.length === 0 ? "expand" : "unknown", objections };
}

function evidenceOf(
  migrations: readonly ReviewedMigration[],
  durationMs: number,
  firstDeploy: boolean,
): Evidence {
  const base = { name: "migrations", durationMs };
  const doubtful = migrations.filter(({ phase }) => phase !== "expand");
  if (doubtful.length === 0) {
    const summary =
      migrations.length === 0
        ? "no migrations to apply"
        : `${count(migrations.length)} ${migrations.length === 1 ? "expands" : "expand"}${firstDeploy ? ": no release serves from this database yet" : ""}`;
    return { ...base, verdict: "pass", summary };
  }
  return {
    ...base,
    verdict: "insufficient",
    summary: `${count(doubtful.length)} ${doubtful.length === 1 ? "is" : "are"} not plainly safe for the code that is live`,
    missing: `A person has to decide on ${doubtful.map(({ name }) => name).join(", ")}; or write it as an expansion.`,
    details: doubtful.flatMap(({ objections }) => objections.map(objectionText)).join("\n"),
  };
}

/** Three lines: where and what, why, what to do. */
function objectionText({ place, statement, why, instead }: Objection): string {
  return `${place}${statement === "" ? "" : `: ${statement}`}\n  ${why}\n  ${instead}`;
}

function count(migrations: number): string {
  return migrations === 1 ? "1 migration" : `${String(migrations)} migrations`;
}

function excerpt(sql: string): string {
  const line = sql.replace(/\s+/g, " ");
  return line.length <= 90 ? line : `${line.slice(0, 87)}...`;
}
