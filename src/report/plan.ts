import type { Evidence } from "../model/evidence.ts";
import type { Operation, Plan, ServiceLimits } from "../model/plan.ts";
import type { Forecast } from "../release/analysis/analysis.ts";
import { titleOf } from "../release/apply/apply.ts";
import { toldOf, type GateJudgement } from "../release/gates/judge.ts";
import { approvalsText } from "./approvals.ts";
import { checklistSummary, checklistText } from "./checklist.ts";
import { indent, table } from "./text.ts";

/** What is known beside a plan, and is no part of it. */
export interface PlanFindings {
  /** Whether each gate is open now. */
  readonly gates: readonly GateJudgement[];
  /** What was found out about the images. */
  readonly evidence: readonly Evidence[];
  /** What its analyses need, by the traffic of now. @default [] */
  readonly needs?: readonly Forecast[];
}

/** A plan as a person wants to read it: what runs now, what would run, each step, and the way back. */
export function planText(plan: Plan, hash: string, { gates, evidence, needs = [] }: PlanFindings): string {
  const from = plan.from === null ? "nothing" : plan.from.version;
  const kind = plan.action === "deploy" ? "" : ` (${plan.action})`;
  const sections = [
    [`${plan.environment}: ${from} -> ${plan.release.version}${kind}`, `plan ${hash}`],
    section("images", table(plan.release.services.map(({ name, image }) => [name, image]))),
    section("would be refused", refusals(evidence)),
    section("limits", limitsOf(plan)),
    section(...changesOf(plan)),
    section("built on stand-ins (may run on this machine only)", plan.standIns.join("\n")),
    section("migrations", migrationsOf(plan)),
    section("steps", numbered(plan.operations.map((operation) => stepText(operation, plan)))),
    section("to judge it takes", table(needs.map(needRow))),
    section("time-outs", timeoutsOf(plan)),
    section("way back", wayBackOf(plan)),
    section("rules", rulesOf(plan)),
    section("gates", table(gates.map(gateRow))),
    ...gates.map(({ checklist }) => (checklist === undefined ? [] : [checklistText(checklist)])),
  ];
  const people = gates.find(({ approvals }) => approvals !== undefined)?.approvals;
  if (people !== undefined) sections.push([approvalsText(people)]);
  return sections
    .filter((lines) => lines.length > 0)
    .map((lines) => lines.join("\n"))
    .join("\n\n");
}

/** Nothing for an empty one. */
function section(title: string, text: string): string[] {
  return text === "" ? [] : [title, indent(text)];
}

function refusals(evidence: readonly Evidence[]): string {
  const why = (entry: Evidence) =>
    entry.verdict === "pass" ? [] : [entry.verdict === "fail" ? entry.details : entry.missing];
  return evidence
    .flatMap((entry) => why(entry).map((text) => `${entry.summary}\n${indent(text)}`))
    .join("\n");
}

/** With what each does to code that is live: it decides what may be rolled out beside it, and what leads back. */
function migrationsOf({ operations }: Plan): string {
  const migrations = operations.flatMap((operation) =>
    operation.kind === "migrate" ? operation.migrations : [],
  );
  return table(migrations.map(({ name, phase }) => [name, phaseText[phase]]));
}

const phaseText = {
  expand: "expand: the code that is live keeps working",
  backfill: "backfill: changes rows that are in use",
  contract: "contract: the code that is live stops working",
  unknown: "unknown: waits for a person",
} as const;

/** Of each replica. */
function limitsOf({ release }: Plan): string {
  return table(
    release.services.flatMap(({ name, limits }) => (limits === undefined ? [] : [[name, limitText(limits)]])),
  );
}

function limitText({ cpus, memoryMiB }: ServiceLimits): string {
  const parts = [
    ...(cpus === undefined ? [] : [`${String(cpus)} CPU`]),
    ...(memoryMiB === undefined ? [] : [`${String(memoryMiB)} MiB of memory`]),
  ];
  return parts.join(", ");
}

function rulesOf({ policy, release }: Plan): string {
  if (policy.brings === undefined || policy.commit === null) return "";
  return `${release.version} changes who may deploy what and when; until it is live, the rules of ${policy.commit.slice(0, 7)} count`;
}

function timeoutsOf({ timeouts, operations }: Plan): string {
  if (operations.length === 0) return "";
  const { deploy, migrate, operation } = timeouts;
  const minutes = (seconds: number) => `${String(Math.round(seconds / 6) / 10)} min`;
  const migrations = operations.some(({ kind }) => kind === "migrate")
    ? [`migrations ${minutes(migrate)}`]
    : [];
  const each = `each other step ${minutes(operation)} beside the time that it is meant to wait`;
  return [...migrations, each, `all together ${minutes(deploy)}`].join("; ");
}

function wayBackOf({ wayBack, from, operations }: Plan): string {
  if (operations.length === 0) return "";
  const steps =
    from === null
      ? "stop what was started: nothing was live before"
      : wayBack.operations.length === 0
        ? "nothing of what runs is touched: there is nothing to go back from"
        : numbered(wayBack.operations.map(titleOf));
  return [steps, ...wayBack.impossible.map((what) => `impossible: ${what}`)].join("\n");
}

/** Who wrote what, by author: it is them who know, and who may not approve. */
function changesOf({ changes, from }: Plan): [title: string, text: string] {
  if (!changes.complete) return ["commits", "the history of this clone does not reach what is live"];
  if (from === null) return ["commits", ""];
  const names = [...new Set(changes.commits.map(({ author }) => author.name))];
  const byAuthor = names.map((name) => {
    const theirs = changes.commits.filter(({ author }) => author.name === name);
    const rows = theirs.slice(0, mostCommits).map(({ commit, subject }) => [commit.slice(0, 7), subject]);
    const more = theirs.length - rows.length;
    return `${name}\n${indent(table([...rows, ...(more > 0 ? [["", `and ${String(more)} more`]] : [])]))}`;
  });
  return [`commits since ${from.version}`, byAuthor.join("\n")];
}

/** Of one author; the rest is counted. */
const mostCommits = 10;

function gateRow(judgement: GateJudgement): string[] {
  const { gate, state, checklist } = judgement;
  // Item by item it stands below.
  return [gate, state, checklist === undefined ? toldOf(judgement) : checklistSummary(checklist)];
}

/** That nothing keeps the database as it is should be seen by whoever signs. */
function stepText(operation: Operation, { operations, from }: Plan): string {
  const kept = operations.some(({ kind }) => kind === "backup");
  return `${titleOf(operation)}${operation.kind === "migrate" && !kept && from !== null ? " (no backup)" : ""}`;
}

/** In whole minutes, as nobody knows it better. */
function needRow({
  percent,
  service,
  limit,
  source,
  needed,
  perSecond,
  overSeconds,
  seconds,
  holdSeconds,
  extendSeconds,
}: Forecast): string[] {
  const minutes = (time: number) =>
    time < 90 ? `${String(Math.ceil(time))} s` : `${Math.ceil(time / 60).toLocaleString("en-US")} min`;
  const requests =
    needed === null ? "nobody knows how many requests" : `${needed.toLocaleString("en-US")} requests to it`;
  const window = overSeconds === null ? "" : ` in the last ${minutes(overSeconds)}`;
  const rate =
    perSecond === null ? "" : `${String(Number(perSecond.toPrecision(2)))} a second in all${window}`;
  const late =
    seconds !== null && seconds > holdSeconds + extendSeconds
      ? `; longer than its hold of ${minutes(holdSeconds)} and ${minutes(extendSeconds)} more: it will wait for a person`
      : "";
  const unknown =
    source !== null
      ? `nobody knows how long: ${source} is asked in the rollout only`
      : perSecond === null
        ? "no traffic was measured yet"
        : perSecond === 0
          ? `no request came${window}`
          : `at ${rate} nobody knows how long`;
  const time = seconds === null ? unknown : `${minutes(seconds)} at ${rate}${late}`;
  return [`${String(percent)} %`, service, limit, requests, time];
}

function numbered(titles: readonly string[]): string {
  if (titles.length === 0) return "nothing to do";
  return titles.map((title, index) => `${String(index + 1)}. ${title}`).join("\n");
}
