import type { Plan } from "../model/plan.ts";
import { titleOf } from "../release/apply/apply.ts";
import type { GateJudgement } from "../release/gates/judge.ts";
import { approvalsText } from "./approvals.ts";
import { indent, table } from "./text.ts";

/** A plan as a person wants to read it: what runs now, what would run, each step, and the way back. */
export function planText(plan: Plan, hash: string, gates: readonly GateJudgement[]): string {
  const from = plan.from === null ? "nothing" : plan.from.version;
  const lines = [`${plan.environment}: ${from} -> ${plan.release.version}`, `plan ${hash}`];
  lines.push(
    "",
    "images",
    indent(table(plan.release.services.map((service) => [service.name, service.image]))),
  );
  lines.push(...changesLines(plan));
  if (plan.standIns.length > 0) {
    lines.push("", "built on stand-ins (may run on this machine only)", indent(plan.standIns.join("\n")));
  }
  lines.push("", "steps", indent(numbered(plan.operations.map(titleOf))));
  const back =
    plan.wayBack.operations.length === 0
      ? "stop what was started: nothing was live before"
      : numbered(plan.wayBack.operations.map(titleOf));
  const impossible = plan.wayBack.impossible.map((what) => `impossible: ${what}`);
  lines.push("", "way back", indent([back, ...impossible].join("\n")));
  if (gates.length > 0) lines.push("", "gates", indent(table(gates.map(gateRow))));
  const people = gates.find(({ approvals }) => approvals !== undefined)?.approvals;
  if (people !== undefined) lines.push("", approvalsText(people));
  return lines.join("\n");
}

/** Who wrote what, by author: it is them who know, and who may not approve. */
function changesLines({ changes, from }: Plan): string[] {
  if (!changes.complete) return ["", "commits: the history of this clone does not reach what is live"];
  if (from === null || changes.commits.length === 0) return [];
  const names = [...new Set(changes.commits.map(({ author }) => author.name))];
  const byAuthor = names.map((name) => {
    const theirs = changes.commits.filter(({ author }) => author.name === name);
    const rows = theirs.slice(0, mostCommits).map(({ commit, subject }) => [commit.slice(0, 7), subject]);
    const more = theirs.length - rows.length;
    return `${name}\n${indent(table([...rows, ...(more > 0 ? [["", `and ${String(more)} more`]] : [])]))}`;
  });
  return ["", `commits since ${from.version}`, indent(byAuthor.join("\n"))];
}

/** Of one author; the rest is counted. */
const mostCommits = 10;

function gateRow({ gate, state, says, until }: GateJudgement): string[] {
  return [gate, state, `${says}${until === null ? "" : ` (until ${until})`}`];
}

function numbered(titles: readonly string[]): string {
  if (titles.length === 0) return "nothing to do";
  return titles.map((title, index) => `${String(index + 1)}. ${title}`).join("\n");
}
