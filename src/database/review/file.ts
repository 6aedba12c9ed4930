import type { PlannedMigration } from "../../model/plan.ts";
import type { MigrationFile } from "../migrations.ts";
import { allowed, faultsOf } from "./exceptions.ts";
import { gravest } from "./phase.ts";
import type { Finding, ReviewedMigration, ReviewedStatement, ReviewOptions } from "./review.ts";
import type { Severity } from "./rules/rule.ts";
import { rules as allRules } from "./rules/rules.ts";
import type { Schema } from "./schema/schema.ts";
import { noUses, unknownUses } from "./situation.ts";
import { type Directives, directivesIn, noDirectives } from "./sql/directives.ts";
import { parseSql, type Statement } from "./sql/parse.ts";
import { judgeStatements, type JudgedStatement } from "./statements.ts";

/**
 * Reviews one migration, and carries the schema over it.
 * @param isAsked false for one that is only read, since it is applied already
 */
export async function reviewFile(
  file: MigrationFile,
  schema: Schema,
  options: ReviewOptions,
  isAsked: boolean,
): Promise<ReviewedMigration> {
  const parsed = await parseSql(file.sql);
  if (!parsed.ok) {
    schema.isComplete = false;
    return unreadable(file, parsed);
  }
  const uses = options.firstDeploy === true ? noUses : (options.uses ?? unknownUses);
  const judged = judgeStatements(
    parsed.statements,
    { schema, postgres: options.postgres ?? 17, uses },
    { transaction: options.transaction ?? "file", rules: isAsked ? (options.rules ?? allRules) : [] },
  );
  const directives = isAsked ? await directivesIn(file.sql, parsed.statements) : noDirectives;
  const placeAt = (offset: number) => `${file.path}:${String(parsed.lineAt(offset))}`;
  return {
    name: file.name,
    path: file.path,
    checksum: file.checksum,
    ...phaseOfFile(judged, directives),
    statements: judged.map((entry) => reviewedStatement(entry, parsed.lineAt)),
    findings: byGravity(allFindings(judged, directives, placeAt, options.today ?? null)),
    destroys: judged.some(({ changes }) => changes.some(({ undo }) => undo.loses !== "nothing")),
  };
}

/** What the statements have, or what a person says; that live code uses what goes is not talked away. */
function phaseOfFile(
  judged: readonly JudgedStatement[],
  { phase: said }: Directives,
): Pick<PlannedMigration, "phase" | "liveCode" | "phaseReason"> {
  const verdicts = judged.flatMap(({ changes }) => changes.map(({ oldCode }) => oldCode.verdict));
  if (verdicts.includes("breaks")) {
    return { phase: gravest(["contract", ...judged.map(({ phase }) => phase)]), liveCode: "breaks" };
  }
  if (said !== null) return { phase: said.phase, phaseReason: said.reason };
  const isKnown = verdicts.every((verdict) => verdict === "works");
  return { phase: gravest(judged.map(({ phase }) => phase)), ...(isKnown ? {} : { liveCode: "unknown" }) };
}

function reviewedStatement(
  { statement, changes, phase }: JudgedStatement,
  lineAt: (offset: number) => number,
): ReviewedStatement {
  return {
    line: lineAt(statement.offset),
    sql: excerpt(statement),
    phase,
    effects: changes.map(({ locks, rewrites, scans, oldCode, undo }) => ({
      locks,
      rewrites,
      scans,
      oldCode,
      undo,
    })),
  };
}

function allFindings(
  judged: readonly JudgedStatement[],
  directives: Directives,
  placeAt: (offset: number) => string,
  today: Date | null,
): Finding[] {
  const findings = judged.flatMap((entry, index) =>
    findingsOf(entry, placeAt).map((finding) => ({
      ...finding,
      allowed: allowed(finding.rule, directives.allowances.get(index) ?? [], today),
    })),
  );
  return [...findings, ...faultsOf(directives, findings, placeAt, today)];
}

/** What the rules say of a statement, and that it was not analysed where it was not. */
function findingsOf({ statement, changes }: JudgedStatement, placeAt: (offset: number) => string): Finding[] {
  const base = { place: placeAt(statement.offset), sql: excerpt(statement), allowed: null };
  return changes.flatMap(({ found, oldCode }) => {
    const findings: Finding[] = found.map((each) => ({ ...base, ...each }));
    if (oldCode.verdict !== "unknown" || findings.some(({ severity }) => severity !== "low")) return findings;
    return [
      ...findings,
      { ...base, rule: "not-analysed", severity: "high", what: oldCode.because, instead: [] },
    ];
  });
}

function unreadable(
  { name, path, checksum }: MigrationFile,
  { line, message }: { readonly line: number; readonly message: string },
): ReviewedMigration {
  const what = `PostgreSQL's parser cannot read it: ${message}`;
  const place = `${path}:${String(line)}`;
  return {
    ...{ name, path, checksum, statements: [], destroys: false },
    phase: "unknown",
    liveCode: "unknown",
    findings: [
      { rule: "unreadable", severity: "critical", place, sql: "", what, instead: [], allowed: null },
    ],
  };
}

const gravity: Readonly<Record<Severity, number>> = { critical: 0, high: 1, medium: 2, low: 3 };

function byGravity(findings: readonly Finding[]): Finding[] {
  return [...findings].sort((left, right) => gravity[left.severity] - gravity[right.severity]);
}

/** Nobody's to read either: of a role, of a server elsewhere, in the text of a connection. */
const passwords =
  /(password["\s=]+(?:e|u&)?)'(?:[^'\\]|''|\\.)*'?|(password\s*=\s*)[^\s'"]+|(password\s+)\$(\w*)\$.*?\$\4\$/gi;

function excerpt({ text }: Statement): string {
  // Long ones are cut first: white space of megabytes is nobody's to read.
  const line = text.slice(0, 2_000).replace(/\s+/g, " ").replace(passwords, "$1$2$3'...'");
  return line.length <= 90 && text.length <= 2_000 ? line : `${line.slice(0, 87)}...`;
}
