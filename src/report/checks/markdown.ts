import { bounded, deadlineText, packageText, placesOf, toolsOf } from "../../findings/findings.ts";
import type { Evidence } from "../../model/evidence.ts";
import type { JudgedFinding, Treatment } from "../../model/finding.ts";
import { code, fenced, markdownTable, sentence } from "../markdown.ts";
import { duration } from "../text.ts";
import {
  countsText,
  findingsOf,
  isTheFindings,
  isTold,
  signs,
  verdictOf,
  type CheckReport,
} from "./report.ts";

/** Together less than what the comments of pull requests hold: 65,536 characters at GitHub. */
const room = { overview: 14_000, blocking: 22_000, sections: 16_000, toLookAt: 8_000 } as const;
const longestOutput = 4_000;

/** For a comment in a pull request; what does not fit is counted. Nothing of it calls anybody. */
export function checkMarkdown(report: CheckReport): string {
  const { evidence, command } = report;
  const titles = { pass: "passed", fail: "failed", insufficient: "not settled" };
  const findings = findingsOf(report);
  const of = (treatment: Treatment) => findings.filter((finding) => finding.treatment === treatment);
  const sections = evidence.filter((entry) => isTold(entry) && !isTheFindings(entry) && !isQuiet(entry));
  const all = `All of it: ${code(`${command} check --format html --out check.html`)}`;
  return [
    `## Check: ${titles[verdictOf(report)]}`,
    ...(evidence.length === 0 ? ["Nothing to check."] : [countsText(report), overview(evidence)]),
    ...tableOf("Findings that block", of("block"), room.blocking),
    ...fitting(sections.map(section), room.sections, "checks"),
    ...tableOf("To look at", of("warn"), room.toLookAt),
    ...(findings.length + sections.length === 0 ? [] : [all]),
  ].join("\n\n");
}

/** A pass with findings has nothing to say beside them. */
function isQuiet({ verdict, findings }: Evidence): boolean {
  return verdict === "pass" && findings !== undefined;
}

function overview(evidence: readonly Evidence[]): string {
  const rows = evidence.map(({ name, verdict, summary, cached, durationMs }) => [
    signs[verdict],
    code(bounded(name, 100)),
    cached === true ? "cached" : duration(durationMs),
    sentence(bounded(summary, 200)),
  ]);
  return fittingTable(["", "Check", "Time", "What"], rows, room.overview).join("\n\n");
}

function section(evidence: Evidence): string {
  const { name, verdict, summary, details = "" } = evidence;
  const words = { pass: "passed", fail: "failed", insufficient: "could not be settled" }[verdict];
  return [
    `### ${code(bounded(name, 100))} ${words}`,
    sentence(bounded(summary, 300)),
    ...(details === "" ? [] : [fenced(lastOf(details), "")]),
    ...(verdict === "insufficient" ? ["Missing:", fenced(lastOf(evidence.missing), "")] : []),
    ...(verdict === "fail" ? [`Again: ${code(evidence.repeat)}`] : []),
  ].join("\n\n");
}

/** Of a long output the end says most. */
function lastOf(text: string): string {
  return text.length <= longestOutput ? text : `...${text.slice(-longestOutput)}`;
}

function tableOf(title: string, findings: readonly JudgedFinding[], space: number): string[] {
  if (findings.length === 0) return [];
  const heads = ["Severity", "Finding", "Where", "Found by"];
  const table = fittingTable(heads, findings.slice(0, 1_000).map(rowOf), space, findings.length);
  return [`### ${title} (${String(findings.length)})`, ...table];
}

function rowOf(finding: JudgedFinding): string[] {
  const { severity, rule, title, package: affected, deadline } = finding;
  const due = deadline === undefined ? "" : ` ${sentence(deadlineText(deadline))}`;
  const short = (text: string) => bounded(text, 200);
  const what = title === rule ? code(short(rule)) : `${sentence(short(title))} ${code(short(rule))}`;
  const which = affected === undefined ? "" : ` ${code(short(packageText(affected, finding.kind)))}`;
  const where = placesOf(finding, 3).map((place) => code(short(place)));
  return [severity, `${what}${which}${due}`, where.join(", "), sentence(short(toolsOf(finding).join(", ")))];
}

/** As many rows as there is space for, and how many there are beside them. */
function fittingTable(
  heads: readonly string[],
  rows: readonly (readonly string[])[],
  space: number,
  all = rows.length,
): string[] {
  const fit = rows.slice(
    0,
    countFitting(
      rows.map((cells) => cells.join(" | ").length + 5),
      space,
    ),
  );
  const more = all - fit.length;
  return [markdownTable(heads, fit), ...(more === 0 ? [] : [`And ${String(more)} more.`])];
}

function fitting(texts: readonly string[], space: number, what: string): string[] {
  const fit = texts.slice(
    0,
    countFitting(
      texts.map((text) => text.length + 2),
      space,
    ),
  );
  const more = texts.length - fit.length;
  return more === 0 ? fit : [...fit, `And ${String(more)} more ${what} that have something to say.`];
}

function countFitting(lengths: readonly number[], space: number): number {
  let left = space;
  const first = lengths.findIndex((length) => (left -= length) < 0);
  return first < 0 ? lengths.length : first;
}
