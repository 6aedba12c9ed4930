import { visible, visibleLines } from "../../model/visible.ts";
import {
  measuredLocksText,
  type Finding,
  type ReviewedMigration,
  type SafeStep,
} from "../../database/database.ts";
import { evidenceText } from "../outcome.ts";
import { fitting, wrapped } from "../wrap.ts";
import { countsText, isGrave, liveCodeText, type MigrationsReport } from "./reviewed.ts";
import { toldStatements, type ToldStatement } from "./statement.ts";

/** No line is longer, unless a name of somebody's is. */
const width = 104;

/** For a terminal: what needs somebody first told by statement, then one line for each of the others, then the verdict. */
export function migrationsText(report: MigrationsReport): string {
  const { migrations, evidence, notes, command } = report;
  const told = migrations.filter(isTold);
  const placeOf = (name: string) => report.places.get(name) ?? "";
  const rows = [
    ...report.applied.map(({ name, phase }) => [visible(name), phase, "", "", placeOf(name)]),
    ...migrations.map((migration) => [
      visible(migration.name),
      migration.phase,
      liveCodeText(migration),
      countsText(migration.findings),
      placeOf(migration.name),
    ]),
  ];
  const rule = told.flatMap(({ findings }) => findings).find(isGrave)?.rule;
  return [
    ...told.map(migrationText),
    ...(report.locks === undefined ? [] : [visibleLines(measuredLocksText(report.locks))]),
    ...evidence.filter(({ name, verdict }) => name !== "migrations" && verdict !== "pass").map(otherText),
    ...(rows.length === 0 ? [] : [fitting(filled(rows), width).join("\n")]),
    ...(evidence.length > 1 ? [lines(evidenceText(evidence))] : []),
    ...notes.map(lines),
    lines(visible(report.summary)),
    ...(rule === undefined ? [] : [`What a rule is about: ${command} migrations --explain ${rule}`]),
  ].join("\n\n");
}

/** Without the columns in which no row says anything. */
function filled(rows: readonly (readonly string[])[]): readonly (readonly string[])[] {
  return rows.map((row) => row.filter((_, at) => rows.some((other) => (other[at] ?? "") !== "")));
}

function isTold({ findings, liveCode }: ReviewedMigration): boolean {
  return findings.length > 0 || liveCode !== undefined;
}

function migrationText(migration: ReviewedMigration): string {
  const { path, phase, phaseReason, checksum } = migration;
  const { told, others } = toldStatements(migration);
  return [
    ...wrapped(visible(path), width),
    ...labelled("phase", `${phase}, ${liveCodeText(migration)}`, 2),
    ...(phaseReason === undefined ? [] : labelled("said", visible(phaseReason), 2)),
    ...labelled("SHA-256", checksum, 2),
    ...told.flatMap((statement) => ["", ...statementLines(statement)]),
    ...(others === 0 || told.length === 0 ? [] : ["", `  ${othersText(others)}`]),
  ].join("\n");
}

function othersText(count: number): string {
  return count === 1
    ? "1 other statement: nothing was found in it"
    : `${String(count)} other statements: nothing was found in them`;
}

function statementLines({ line, sql, findings, facts }: ToldStatement): string[] {
  return [
    ...labelled(`line ${String(line)}`, visible(sql), 2),
    ...findings.flatMap(findingLines),
    ...facts.flatMap(([label, text]) => labelled(label, visible(text), 4)),
  ];
}

function findingLines({ rule, severity, what, allowed, instead }: Finding): string[] {
  const head = labelled(severity, `${rule}: ${visible(what)}`, 4);
  if (allowed !== null) {
    const until = allowed.until === null ? "" : `, until ${allowed.until}`;
    return [...head, ...labelled("allowed", `${visible(allowed.reason)}${until}`, 4)];
  }
  return [...head, ...instead.flatMap((step, index) => stepLines(step, index, index === 0 ? "instead" : ""))];
}

/** SQL keeps its lines: somebody copies them. */
function stepLines(step: SafeStep, index: number, label: string): string[] {
  const number = `${String(index + 1)}.`;
  if ("release" in step) return labelled(label, `${number} release ${visible(step.release)}`, 4);
  const [first = "", ...rest] = visibleLines(step.sql).split("\n").flatMap(sqlLines);
  const alone =
    step.alone === true
      ? [`${number} alone, outside of a transaction:`, `   ${first}`]
      : [`${number} ${first}`];
  return [...alone, ...rest.map((line) => `   ${line}`)].map((text, at) =>
    `    ${(at === 0 ? label : "").padEnd(labelWidth)}${text}`.trimEnd(),
  );
}

/** Broken at blanks between words, where SQL may be broken; within a text or a name it stays as it is. */
function sqlLines(sql: string): string[] {
  const room = width - 4 - labelWidth - 3;
  const found: string[] = [];
  let line = "";
  for (const word of sql.match(/\s*(?:'(?:[^']|'')*'|"(?:[^"]|"")*"|[^\s'"])+/g) ?? []) {
    if (line.trim() !== "" && line.length + word.length > room) {
      found.push(line);
      line = `  ${word.trimStart()}`;
    } else line += word;
  }
  return [...found, line];
}

const labelWidth = 10;

function labelled(label: string, text: string, indent: number): string[] {
  const start = indent + labelWidth;
  const [first = "", ...rest] = wrapped(text, width - start);
  return [
    `${" ".repeat(indent)}${label.padEnd(labelWidth)}${first}`.trimEnd(),
    ...rest.map((line) => `${" ".repeat(start)}${line}`),
  ];
}

function otherText(entry: MigrationsReport["evidence"][number]): string {
  const missing = entry.verdict === "insufficient" ? [`missing: ${entry.missing}`] : [];
  return lines([`${entry.name}: ${entry.summary}`, entry.details ?? "", ...missing].join("\n").trim());
}

function lines(text: string): string {
  return visibleLines(text)
    .split("\n")
    .flatMap((line) => wrapped(line, width))
    .join("\n");
}
