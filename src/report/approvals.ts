import type { ApprovalsJudgement, IgnoredApproval } from "../release/gates/approvals/approvals.ts";
import { indent, table } from "./text.ts";

/** How many approvals of other plans are worth a line each: a ledger has all there ever were. */
const mostOthers = 3;

/** Who has approved a plan, whose approval does not count and why, and what is missing. */
export function approvalsText(judgement: ApprovalsJudgement): string {
  const { state, counted, ignored, missing, unknownAuthors } = judgement;
  const parts = [`approvals: ${state}`];
  if (counted.length > 0) parts.push(indent(table(counted.map(countedRow))));
  if (missing.length > 0) parts.push(section(state === "rejected" ? "rejected" : "missing", missing));
  if (ignored.length > 0) parts.push(section("do not count", ignoredLines(ignored)));
  if (unknownAuthors.length > 0) {
    parts.push(
      section(
        "authors whom the signers file does not name; add these addresses to their lines",
        unknownAuthors,
      ),
    );
  }
  return parts.join("\n");
}

function countedRow({
  who,
  group,
  when,
  expiresAt,
  fingerprint,
  reason,
}: ApprovalsJudgement["counted"][number]) {
  const comment = reason === null ? "" : `"${reason}"`;
  return [who, group ?? "", `${minute(when)} to ${minute(expiresAt)}`, fingerprint, comment];
}

/** The newest first; those of other plans are counted when they are many. */
function ignoredLines(ignored: readonly IgnoredApproval[]): readonly string[] {
  const newest = ignored.toSorted((a, b) => b.sequence - a.sequence);
  const others = newest.filter(({ kind }) => kind === "another-plan");
  const shown = newest.filter((one) => one.kind !== "another-plan" || others.indexOf(one) < mostOthers);
  const more = others.length - mostOthers;
  return [
    ...table(shown.map(({ who, when, why }) => [who, minute(when), why])).split("\n"),
    ...(more > 0 ? [`and ${String(more)} more for other plans`] : []),
  ];
}

function section(title: string, lines: readonly string[]): string {
  return indent([title, indent(lines.join("\n"))].join("\n"));
}

/** `2026-03-02 09:00Z` */
function minute(at: string): string {
  return `${at.slice(0, 16).replace("T", " ")}Z`;
}
