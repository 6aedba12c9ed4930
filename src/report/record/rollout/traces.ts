import type { LedgerEvent } from "../../../model/ledger.ts";
import type { AnalysisRecord, Limit, LookAtLimit } from "../../../model/metric.ts";
import type { Operation } from "../../../model/plan.ts";

/** What the ledger has of a rollout that took visitors from one version to another, as pictures need it. */
export interface Rollout {
  /** Milliseconds since 1970, as all times here. */
  readonly from: number;
  readonly to: number;
  /** From each time on so many percent of the visitors got the new version. */
  readonly weights: readonly { readonly at: number; readonly percent: number }[];
  readonly steps: readonly Step[];
  readonly traces: readonly Trace[];
}

/** One hold, from its first look to what came of it. */
export interface Step {
  readonly percent: number;
  readonly from: number;
  readonly to: number;
  readonly ending: AnalysisRecord["ending"];
  readonly because: string | null;
}

/** One limit of one service, look by look. */
export interface Trace {
  readonly service: string;
  readonly limit: Limit;
  readonly points: readonly Point[];
}

export interface Point extends LookAtLimit {
  readonly at: number;
  readonly percent: number;
  /** The look that ended its step. */
  readonly decides: boolean;
}

interface Payload {
  readonly operation?: Operation;
  readonly analysis?: AnalysisRecord;
  readonly wayBack?: boolean;
}

/** Null for a deployment that shifted no visitors. */
export function rolloutOf(events: readonly LedgerEvent[]): Rollout | null {
  const weights = events.flatMap((event) => {
    const { operation } = event.payload as Payload;
    if (event.type !== "operation-finished" || operation === undefined) return [];
    const at = Date.parse(event.at);
    if (operation.kind === "set-weight") return [{ at, percent: operation.percent }];
    if (operation.kind === "take-over") return [{ at, percent: 100 }];
    return operation.kind === "stop-beside" ? [{ at, percent: 0 }] : [];
  });
  const [first] = weights;
  const last = events.at(-1);
  if (first === undefined || last === undefined) return null;
  const steps: Step[] = [];
  const traces = new Map<string, { service: string; limit: Limit; points: Point[] }>();
  for (const event of events) {
    const { operation, analysis } = event.payload as Payload;
    if (operation?.kind !== "analyse" || analysis === undefined) continue;
    const { percent, ending, because, looks } = analysis;
    steps.push({ percent, ending, because, from: Date.parse(analysis.since), to: Date.parse(event.at) });
    for (const [index, { service, limit }] of operation.limits.entries()) {
      const key = `${service} ${JSON.stringify(limit)}`;
      const trace = traces.get(key) ?? { service, limit, points: [] };
      traces.set(key, trace);
      for (const look of looks) {
        const seen = look.limits[index] ?? null;
        if (seen === null) continue;
        trace.points.push({ ...seen, percent, at: Date.parse(look.at), decides: look === looks.at(-1) });
      }
    }
  }
  return {
    from: first.at,
    to: Math.max(Date.parse(last.at), first.at + 1),
    weights,
    steps,
    traces: [...traces.values()],
  };
}
