import type { ApprovalsJudgement, IgnoredApproval } from "../release/gates/approvals/approvals.ts";
import { indent, table } from "./text.ts";

/** How many that do not count are worth a line each: a ledger has all there ever were. */
const mostIgnored = 3;

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

/** Those for this plan before those for others, the newest first; the rest is counted. */
function ignoredLines(ignored: readonly IgnoredApproval[]): readonly string[] {
  const isOther = ({ kind }: IgnoredApproval) => kind === "another-plan";
  const newest = ignored.toSorted((a, b) => b.sequence - a.sequence);
  const sorted = newest.toSorted((a, b) => Number(isOther(a)) - Number(isOther(b)));
  const [shown, rest] = [sorted.slice(0, mostIgnored), sorted.slice(mostIgnored)];
  const others = rest.filter(isOther).length;
  const which =
    others === rest.length
      ? " for other plans"
      : others > 0
        ? `, ${String(others)} of them for other plans`
        : "";
  return [
    ...table(shown.map(({ who, when, why }) => [who, minute(when), why])).split("\n"),
    ...(rest.length > 0 ? [`and ${String(rest.length)} more${which}; --format json has them all`] : []),
  ];
}

function section(title: string, lines: readonly string[]): string {
  return indent([title, indent(lines.join("\n"))].join("\n"));
}

/** `2026-03-02 09:00Z` */
function minute(at: string): string {
  return `${at.slice(0, 16).replace("T", " ")}Z`;
}
