import { bounded, deadlineText, placesOf, toolsOf } from "../../findings/findings.ts";
import type { Evidence } from "../../model/evidence.ts";
import type { JudgedFinding } from "../../model/finding.ts";
import { visible, visibleLines } from "../../model/visible.ts";
import { evidenceText } from "../outcome.ts";
import { findingsOf, isTheFindings, type CheckReport } from "./report.ts";

/** The host shows so many of each kind for a step, and drops the others without a word. */
const most = 10;
const longest = 4_000;

interface Annotation {
  readonly kind: "error" | "warning";
  readonly title: string;
  readonly message: string;
  readonly file?: string;
  readonly line?: number;
  readonly endLine?: number;
}

/**
 * Annotations on the lines of a pull request, as workflow commands, and below them a line for each check.
 * https://docs.github.com/actions/reference/workflows-and-actions/workflow-commands
 */
export function checkGithub(report: CheckReport): string {
  const { evidence, command } = report;
  const open = evidence.filter((entry) => entry.verdict !== "pass" && !isTheFindings(entry));
  const found = findingsOf(report);
  const of = (treatment: string) => found.filter((finding) => finding.treatment === treatment);
  const errors = [...open.map(ofCheck), ...of("block").map((one) => ofFinding(one, "error"))];
  const warnings = of("warn").map((one) => ofFinding(one, "warning"));
  const annotations = [errors, warnings].flatMap((list) => shown(list, command));
  return [...annotations.map(workflowCommand), harmless(evidenceText(evidence))].join("\n");
}

/** As many as the host shows; the last of them says how many it would have dropped. */
function shown(all: readonly Annotation[], command: string): readonly Annotation[] {
  const [first] = all;
  if (first === undefined || all.length <= most) return all;
  const { kind } = first;
  const left = all.length - most + 1;
  const message = `GitHub shows ${String(most)} of each kind. All of them: ${command} check --format html --out check.html`;
  return [...all.slice(0, most - 1), { kind, title: `and ${String(left)} more`, message }];
}

function ofCheck(evidence: Evidence): Annotation {
  const { name, summary, verdict, details = "" } = evidence;
  const settles = verdict === "insufficient" ? `missing: ${evidence.missing}` : "";
  const repeat = verdict === "fail" ? evidence.repeat : "";
  // What was found is annotated where it is.
  const output = (evidence.findings ?? []).length > 0 ? "" : details.slice(-longest);
  const words = [summary, output, settles, repeat].filter((part) => part !== "");
  const title = verdict === "insufficient" ? `${name} could not be settled` : `${name} failed`;
  return { kind: "error", title, message: words.join("\n") };
}

function ofFinding(finding: JudgedFinding, kind: Annotation["kind"]): Annotation {
  const { severity, rule, title, message, deadline } = finding;
  const due = deadline === undefined ? [] : [deadlineText(deadline)];
  const place = finding.locations.find(({ image }) => image === undefined);
  const more = placesOf(finding, 5).slice(place === undefined ? 0 : 1);
  const words = [message, `${rule}, found by ${toolsOf(finding).join(", ")}`, ...due, ...more];
  return {
    kind,
    title: `${severity}: ${title}`,
    message: words.join("\n"),
    ...(place === undefined ? {} : { file: place.path }),
    ...(place?.line === undefined ? {} : { line: place.line, endLine: place.endLine ?? place.line }),
  };
}

function workflowCommand({ kind, message, ...properties }: Annotation): string {
  const list = (["file", "line", "endLine", "title"] as const).flatMap((name) => {
    const value = properties[name];
    return value === undefined ? [] : [`${name}=${property(visible(bounded(String(value), 1_000)))}`];
  });
  return `::${kind} ${list.join(",")}::${data(visibleLines(bounded(message, longest)))}`;
}

/** A message is one line, and a per cent sign begins what is escaped. */
function data(text: string): string {
  return text.replace(/%/g, "%25").replace(/\r/g, "%0D").replace(/\n/g, "%0A").replaceAll("##[", "## [");
}

function property(text: string): string {
  return data(text).replace(/:/g, "%3A").replace(/,/g, "%2C");
}

/** A line that begins with `::`, or holds `##[`, commands the runner. */
function harmless(text: string): string {
  return text.replaceAll("##[", "## [").replace(/^(\s*)::/gm, "$1: :");
}
