import type { Evidence } from "../../model/evidence.ts";
import type { PlannedMigration } from "../../model/plan.ts";
import type { MigrationFile } from "../migrations.ts";
import { evidenceOf } from "./evidence.ts";
import type { Effects } from "./effects/effects.ts";
import { gravest, type Phase } from "./phase.ts";
import type { Rule, SafeStep, Severity } from "./rules/rule.ts";
import { rules as allRules } from "./rules/rules.ts";
import { Schema } from "./schema/schema.ts";
import { type Situation, noUses, unknownUses, type Uses } from "./situation.ts";
import { allowed, type AllowedBy, faultsOf } from "./exceptions.ts";
import { allowancesIn } from "./sql/allowances.ts";
import { parseSql } from "./sql/parse.ts";
import { judgeStatements, type JudgedStatement } from "./statements.ts";

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
  /** Whether the files are all that made the database. Absent: true. */
  readonly isWhole?: boolean;
  /** Whether a file of several statements is run in one transaction, as Prisma does. Absent: `file`. */
  readonly transaction?: "file" | "statement";
  /** The day on which exceptions are asked whether they still count. Absent: none has ended. */
  readonly today?: Date;
  /** Absent: all of them. */
  readonly rules?: readonly Rule[];
}

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
  files: readonly MigrationFile[],
  options: ReviewOptions = {},
): Promise<MigrationReview> {
  const started = performance.now();
  const schema = new Schema({ isComplete: options.isWhole ?? true });
  const applied = options.applied === undefined ? null : new Set(options.applied);
  const firstNew = applied === null ? 0 : files.findIndex(({ name }) => !applied.has(name));
  const migrations: ReviewedMigration[] = [];
  for (const [index, file] of files.entries()) {
    const isAsked = applied === null || !applied.has(file.name);
    schema.beginMigration(
      index,
      liveBefore(index, { applied, firstNew, firstDeploy: options.firstDeploy ?? false }),
    );
    const reviewed = await reviewFile(file, schema, options, isAsked);
    if (isAsked) migrations.push(reviewed);
  }
  const durationMs = Math.round(performance.now() - started);
  return { migrations, evidence: evidenceOf(migrations, durationMs, options.firstDeploy ?? false) };
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

async function reviewFile(
  file: MigrationFile,
  schema: Schema,
  options: ReviewOptions,
  isAsked: boolean,
): Promise<ReviewedMigration> {
  const parsed = await parseSql(file.sql);
  const base = { name: file.name, path: file.path, checksum: file.checksum };
  if (!parsed.ok) {
    schema.isComplete = false;
    return {
      ...base,
      phase: "unknown",
      statements: [],
      destroys: false,
      findings: [unreadable(file, parsed)],
    };
  }
  const uses = options.firstDeploy === true ? noUses : (options.uses ?? unknownUses);
  const at: Situation = { schema, postgres: options.postgres ?? 17, uses };
  const judged = judgeStatements(parsed.statements, at, {
    transaction: options.transaction ?? "file",
    rules: isAsked ? (options.rules ?? allRules) : [],
  });
  const allowances = isAsked ? await allowancesIn(file.sql, parsed.statements) : new Map<number, never[]>();
  const placeAt = (offset: number) => `${file.path}:${String(parsed.lineAt(offset))}`;
  const findings = judged.flatMap((entry, index) =>
    findingsOf(entry, placeAt).map((finding) => ({
      ...finding,
      allowed: allowed(finding.rule, allowances.get(index) ?? [], options.today ?? null),
    })),
  );
  const faults = faultsOf(allowances, findings, placeAt, options.today ?? null);
  return {
    ...base,
    phase: gravest(judged.map(({ phase }) => phase)),
    statements: judged.map(({ statement, changes, phase }) => ({
      line: parsed.lineAt(statement.offset),
      sql: excerpt(statement.text),
      phase,
      effects: changes.map(({ locks, rewrites, scans, oldCode, undo }) => ({
        locks,
        rewrites,
        scans,
        oldCode,
        undo,
      })),
    })),
    findings: byGravity([...findings, ...faults]),
    destroys: judged.some(({ changes }) => changes.some(({ undo }) => undo.loses !== "nothing")),
  };
}

/** What the rules say of a statement, and that it was not analysed where it was not. */
function findingsOf({ statement, changes }: JudgedStatement, placeAt: (offset: number) => string): Finding[] {
  const base = { place: placeAt(statement.offset), sql: excerpt(statement.text), allowed: null };
  return changes.flatMap(({ found, oldCode }) => {
    const findings: Finding[] = found.map((each) => ({ ...base, ...each }));
    if (oldCode.verdict !== "unknown" || findings.some(({ severity }) => severity !== "low")) return findings;
    return [
      ...findings,
      { ...base, rule: "not-analysed", severity: "high", what: oldCode.because, instead: [] },
    ];
  });
}

function unreadable(file: MigrationFile, { line, message }: { line: number; message: string }): Finding {
  return {
    rule: "unreadable",
    severity: "critical",
    place: `${file.path}:${String(line)}`,
    sql: "",
    what: `PostgreSQL's parser cannot read it: ${message}`,
    instead: [],
    allowed: null,
  };
}

const gravity: Readonly<Record<Severity, number>> = { critical: 0, high: 1, medium: 2, low: 3 };

function byGravity(findings: readonly Finding[]): Finding[] {
  return [...findings].sort((left, right) => gravity[left.severity] - gravity[right.severity]);
}

function excerpt(sql: string): string {
  // Long ones are cut first: white space of megabytes is nobody's to read.
  const line = sql.slice(0, 2_000).replace(/\s+/g, " ");
  return line.length <= 90 && sql.length <= 2_000 ? line : `${line.slice(0, 87)}...`;
}
