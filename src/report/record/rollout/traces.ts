import type { LedgerEvent } from "../../../model/ledger.ts";
import type { AnalysisRecord, Limit, Look, LookAtLimit } from "../../../model/metric.ts";
import type { AnalyseOperation, Operation } from "../../../model/plan.ts";

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
  /** What was cut off is begun again: the looks at it were written down one by one. */
  readonly ending: AnalysisRecord["ending"] | "cut off";
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
  readonly index?: number;
  readonly look?: Look;
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
  const holds = holdsOf(events);
  const traces = new Map<string, { service: string; limit: Limit; points: Point[] }>();
  for (const { operation, looks, ending } of holds) {
    const { percent, limits } = operation;
    for (const [index, { service, limit }] of limits.entries()) {
      const key = `${service} ${JSON.stringify(limit)}`;
      const trace = traces.get(key) ?? { service, limit, points: [] };
      traces.set(key, trace);
      for (const look of looks) {
        const seen = look.limits[index] ?? null;
        if (seen === null) continue;
        const decides = ending !== "cut off" && look === looks.at(-1);
        trace.points.push({ ...seen, percent, at: Date.parse(look.at), decides });
      }
    }
  }
  return {
    from: first.at,
    to: Math.max(Date.parse(last.at), first.at + 1),
    weights,
    steps: holds,
    traces: [...traces.values()],
  };
}

interface Hold extends Step {
  readonly operation: AnalyseOperation;
  readonly looks: readonly Look[];
}

/** Each try at each step, in the order in which they ended. */
function holdsOf(events: readonly LedgerEvent[]): readonly Hold[] {
  const holds: Hold[] = [];
  const open = new Map<number, Hold>();
  const cutOff = (index: number) => {
    const hold = open.get(index);
    if (hold !== undefined && hold.looks.length > 0) holds.push(hold);
    open.delete(index);
  };
  for (const event of events) {
    const { operation, analysis, index = -1, look } = event.payload as Payload;
    const at = Date.parse(event.at);
    const hold = open.get(index);
    if (look !== undefined && hold !== undefined)
      open.set(index, { ...hold, to: Date.parse(look.at), looks: [...hold.looks, look] });
    if (operation?.kind !== "analyse") continue;
    if (event.type === "operation-started") {
      cutOff(index);
      const { percent } = operation;
      open.set(index, { operation, percent, from: at, to: at, ending: "cut off", because: null, looks: [] });
    }
    if (analysis === undefined) continue;
    const { percent, ending, because, looks, since } = analysis;
    open.delete(index);
    holds.push({ operation, percent, ending, because, looks, from: Date.parse(since), to: at });
  }
  for (const index of [...open.keys()]) cutOff(index);
  return holds;
}
