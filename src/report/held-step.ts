import type { Json } from "../model/canonical-json.ts";
import type { LedgerEvent, Lease } from "../model/ledger.ts";
import type { Limit, Look, LookAtLimit } from "../model/metric.ts";
import type { AnalyseOperation } from "../model/plan.ts";
import { allowedBy, analysisTitle, limitTitle, triesOf } from "../release/analysis/analysis.ts";
import type { EnvironmentState } from "../release/state.ts";
import { duration, table } from "./text.ts";

/** The step at which a rollout holds: it is judged now, or waits for a person. */
export interface HeldStep {
  readonly deployment: string;
  /** Counted from 1, among the steps of its plan that are judged. */
  readonly step: number;
  readonly of: number;
  readonly operation: AnalyseOperation;
  readonly since: string;
  /** The last look since then; null before the first. */
  readonly look: Look | null;
}

/** Null where nothing is judged now: also where what judged is gone, or goes back. */
export function heldStep(
  { unsettled }: Pick<EnvironmentState, "unsettled">,
  events: readonly LedgerEvent[],
  holder: Lease | null,
): HeldStep | null {
  if (unsettled === null || unsettled.goingBack !== null) return null;
  const { id, outcome, operations, plan } = unsettled;
  if (outcome !== "in review" && (outcome !== "running" || holder === null)) return null;
  const state = outcome === "running" ? "started" : "in review";
  const entry = operations.findLast((one) => one.state === state && !one.wayBack);
  if (entry?.operation.kind !== "analyse") return null;
  const { index, operation } = entry;
  const own = events.filter(({ deployment }) => deployment === id);
  const begun = own.findLast(
    ({ type, payload }) => type === "operation-started" && (payload as { index?: unknown }).index === index,
  );
  const judged = plan.operations.flatMap(({ kind }, place) => (kind === "analyse" ? [place] : []));
  if (begun === undefined || !judged.includes(index)) return null;
  const look = triesOf(own, index).at(-1)?.at(-1) ?? null;
  return {
    ...{ deployment: id, step: judged.indexOf(index) + 1, of: judged.length },
    ...{ operation, since: begun.at, look },
  };
}

/** What it does and for how long, then the last look, a line for each limit. */
export function heldStepText({ step, of, operation, since, look }: HeldStep, now: Date): string {
  const held = duration(Math.max(0, now.getTime() - Date.parse(since)));
  const title = `step ${String(step)} of ${String(of)}: ${analysisTitle(operation)}; held for ${held} so far`;
  if (look === null) return `${title}, no look yet`;
  const rows = operation.limits.map(({ service, limit }, place) => [
    `  ${service}`,
    limitTitle(limit),
    ...lookCells(look.limits[place] ?? null, limit),
  ]);
  return `${title}\n${table(rows)}`;
}

export function heldStepJson({ deployment, step, of, operation, since, look }: HeldStep): Json {
  const { percent, holdSeconds, limits } = operation;
  const judged = limits.map(({ service, limit }, place) => {
    const seen = look?.limits[place] ?? null;
    return { service, title: limitTitle(limit), limit, seen };
  });
  return {
    ...{ deployment, step, of, title: analysisTitle(operation), percent, holdSeconds, since },
    ...{ lookedAt: look?.at ?? null, limits: judged as unknown as Json },
  };
}

function lookCells(seen: LookAtLimit | null, limit: Limit): string[] {
  if (seen === null) return ["unread"];
  const { verdict, estimate, samples, needed } = seen;
  const { unit, allowed, isDifference } = allowedBy(limit);
  const figure = (value: number) =>
    `${isDifference && value > 0 ? "+" : ""}${Number(value.toFixed(2)).toLocaleString("en-US")}`;
  return [
    verdict,
    estimate === null ? "nothing seen yet" : `${figure(estimate)} ${unit}`.trimEnd(),
    `limit ${figure(allowed)} ${unit}`.trimEnd(),
    `samples ${count(samples)}/${needed === null ? "?" : count(needed)}`,
  ];
}

function count(number: number): string {
  return number.toLocaleString("en-US");
}
