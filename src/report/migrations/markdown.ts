import {
  heldText,
  reasonsOf,
  spanText,
  type Finding,
  type LockForecast,
  type ReviewedMigration,
  type SafeStep,
} from "../../database/database.ts";
import { code, fenced, markdownTable, sentence } from "../markdown.ts";
import { countsText, liveCodeText, type MigrationsReport } from "./reviewed.ts";
import { toldStatements, type ToldStatement } from "./statement.ts";

/** What the comments of pull requests hold: 65,536 characters at GitHub. */
const room = 60_000;

/** For a comment in a pull request; what does not fit is counted. */
export function migrationsMarkdown(report: MigrationsReport): string {
  const { migrations, evidence, notes, verdict, summary, command } = report;
  const titles = {
    pass: "nothing in the way",
    fail: "do not merge as they are",
    insufficient: "a person has to decide",
  };
  const head = [
    `## Migrations: ${titles[verdict]}`,
    sentence(summary),
    ...(migrations.length === 0 ? [] : [overview(report)]),
    ...evidence
      .filter((entry) => entry.name !== "migrations" && entry.verdict !== "pass")
      .map(
        (entry) =>
          `**${code(entry.name)}**: ${sentence(entry.summary)}${entry.details === undefined ? "" : `\n\n${fenced(entry.details, "")}`}`,
      ),
    ...(report.locks === undefined ? [] : [locksMarkdown(report.locks)]),
    ...notes.map(sentence),
  ];
  const sections = migrations.filter(isTold).map(section);
  return [...head, ...fitting(sections, room - head.join("\n\n").length, command)].join("\n\n");
}

function fitting(sections: readonly string[], space: number, command: string): string[] {
  const fit: string[] = [];
  let left = space;
  for (const text of sections) {
    left -= text.length + 2;
    if (left < 0) break;
    fit.push(text);
  }
  const more = sections.length - fit.length;
  return more === 0
    ? fit
    : [...fit, `${String(more)} more did not fit here: ${code(`${command} migrations`)}`];
}

/** One line for each lock that keeps somebody waiting, by transaction. */
function locksMarkdown({ transactions, measured }: LockForecast): string {
  const most = 50;
  const rows = transactions.flatMap(({ path, durationMs, held }) =>
    held.length === 0
      ? [[code(path), spanText(durationMs), "nobody waits", ""]]
      : held.map((lock) => [
          code(`${path}:${String(lock.line)}`),
          spanText(durationMs),
          sentence(heldText(lock)),
          sentence(reasonsOf([lock.readsWaitMs, lock.writesWaitMs]).join("; ")),
        ]),
  );
  const more = rows.length > most ? `\n\nAnd ${String(rows.length - most)} more.` : "";
  return `**Locks**, measured on PostgreSQL ${sentence(measured.server.version)} and forecast for the real tables:\n\n${markdownTable(
    ["File", "Takes", "Locks", "Why insufficient"],
    rows.slice(0, most),
  )}${more}`;
}

function overview({ migrations, places }: MigrationsReport): string {
  const most = 100;
  const rows = migrations
    .slice(-most)
    .map((migration) => [
      code(migration.name),
      migration.phase,
      liveCodeText(migration),
      countsText(migration.findings),
      sentence(places.get(migration.name) ?? ""),
    ]);
  const table = markdownTable(["Migration", "Phase", "Live code", "Found", "Applied"], rows);
  return migrations.length > most
    ? `The last ${String(most)} of ${String(migrations.length)}:\n\n${table}`
    : table;
}

function isTold({ findings, liveCode }: ReviewedMigration): boolean {
  return findings.length > 0 || liveCode !== undefined;
}

function section(migration: ReviewedMigration): string {
  const { path, phase, checksum, phaseReason } = migration;
  const { told, others } = toldStatements(migration);
  const reason = phaseReason === undefined ? "" : ` (said: ${sentence(phaseReason)})`;
  return [
    `### ${code(path)}`,
    `Phase **${phase}**${reason}, ${liveCodeText(migration)}. SHA-256 ${code(checksum)}`,
    ...told.map(statementMarkdown),
    ...(others > 0 && told.length > 0
      ? [`Other statements in which nothing was found: ${String(others)}`]
      : []),
  ].join("\n\n");
}

function statementMarkdown({ line, sql, findings, facts }: ToldStatement): string {
  return [
    `**Line ${String(line)}**`,
    ...(sql === "" ? [] : [fenced(sql, "sql")]),
    ...findings.map(findingMarkdown),
    ...(facts.length === 0 ? [] : [facts.map(([label, text]) => `- ${label}: ${sentence(text)}`).join("\n")]),
  ].join("\n\n");
}

function findingMarkdown({ rule, severity, what, instead, allowed }: Finding): string {
  const head = `**${severity}** ${code(rule)}: ${sentence(what)}`;
  if (allowed !== null) {
    const until = allowed.until === null ? "" : `, until ${allowed.until}`;
    return `${head}\n\nAllowed: ${sentence(allowed.reason)}${until}`;
  }
  return [head, ...(instead.length === 0 ? [] : ["Instead:", instead.map(stepMarkdown).join("\n")])].join(
    "\n\n",
  );
}

function stepMarkdown(step: SafeStep, index: number): string {
  const number = `${String(index + 1)}. `;
  if ("release" in step) return `${number}Release ${sentence(step.release)}`;
  const where = step.alone === true ? "Alone, outside of a transaction:" : "Migrate:";
  return `${number}${where}\n${fenced(step.sql, "sql", " ".repeat(number.length))}`;
}
