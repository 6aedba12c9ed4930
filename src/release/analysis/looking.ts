import type { Clock } from "../../model/clock.ts";
import { failure, isFairwayError } from "../../model/errors.ts";
import {
  comparesWithBaseline,
  type AnalysisRecord,
  type Look,
  type LookRule,
  type MetricSource,
  type MetricWatch,
} from "../../model/metric.ts";
import type { AnalyseOperation, JudgedLimit } from "../../model/plan.ts";
import type { HoldStanding, Seen } from "../../model/rollout.ts";
import type { OperationContext, Target } from "../../model/target.ts";
import { judgeLimit } from "./judge.ts";
import { ownFigures } from "./own-figures.ts";
import { fewestOf } from "./sample-size.ts";
import { alphaOfTry } from "./spending.ts";

export interface Analysing extends OperationContext {
  readonly target: Pick<Target, "kind" | "observe" | "traffic">;
  /** Sources that are not the target's own figures, by name. */
  readonly sources: ReadonlyMap<string, MetricSource>;
  readonly clock: Clock;
  /** What tries before this one have spent, in the order of the operation's limits. */
  readonly spentBefore: readonly number[];
  /** Writes a look down, before anything follows from it: whoever goes on after a crash knows of it. */
  readonly looked: (look: Look) => Promise<void>;
  /** Told of all that was seen, before it ends in whatever way. */
  readonly record: (analysis: AnalysisRecord) => void;
  /** Told before the first look, and after each. */
  readonly watched: (standing: HoldStanding) => void;
}

/** One limit on its way through the looks. */
export interface Watched {
  readonly judged: JudgedLimit;
  readonly next: MetricWatch;
  readonly baseline: MetricWatch | null;
  readonly rule: Omit<LookRule, "spent" | "elapsed" | "mayPass" | "isLast">;
  spent: number;
  /** Of the time that the step may take, what went by until something was spent last. */
  elapsed: number;
}

/**
 * A source that does not answer yet gets as many tries as it gets looks.
 * @param unread told of each that found nothing
 * @returns why not, where it never answers
 */
export async function watchAll(
  operation: AnalyseOperation,
  baseline: Readonly<Record<string, string>>,
  analysing: Analysing,
  unread: () => Promise<void>,
): Promise<readonly Watched[] | string> {
  for (let tried = 1; ; tried += 1) {
    try {
      return await Promise.all(
        operation.limits.map(async (judged, index) => {
          const spentBefore = analysing.spentBefore[index] ?? 0;
          return watch({ ...judged, spentBefore }, operation, baseline, analysing);
        }),
      );
    } catch (error) {
      analysing.signal.throwIfAborted();
      if (!isFairwayError(error)) throw error;
      analysing.report(error.message);
      await unread();
      if (tried >= operation.sourceErrors) return error.message;
      await analysing.clock.sleep(1000 * operation.lookSeconds, analysing.signal);
    }
  }
}

async function watch(
  { spentBefore, ...judged }: JudgedLimit & { readonly spentBefore: number },
  { version, percent, rule }: AnalyseOperation,
  versions: Readonly<Record<string, string>>,
  { target, sources, signal }: Analysing,
): Promise<Watched> {
  const { service, limit } = judged;
  const source = limit.source === null ? ownFigures(target) : sources.get(limit.source);
  if (source === undefined) {
    throw failure(`there is no source ${String(limit.source)} any more`, { code: "METRIC_UNREADABLE" });
  }
  const next = await source.watch({ limit, service, version }, signal);
  const baseline = comparesWithBaseline(limit.bound)
    ? await source.watch({ limit, service, version: versions[service] ?? "" }, signal)
    : null;
  const { alpha, power, expected } = rule;
  const before = baseline?.before;
  // What is known of it from before counts for more than what was supposed.
  const known = before !== undefined && before.total >= 1000 ? before.events / before.total : 0;
  return {
    ...{ judged, next, baseline, spent: 0, elapsed: 0 },
    rule: {
      alpha: alphaOfTry(alpha, spentBefore),
      power,
      expected: Math.max(expected, known),
      ratio: (100 - percent) / percent,
      atLeast: fewestOf(limit, rule),
    },
  };
}

/** With what its looks have spent by then. */
export type SeenAndSpent = Seen & { readonly spent: number };

export async function lookAtAll(
  watched: readonly Watched[],
  { elapsed, ...when }: Pick<LookRule, "mayPass" | "isLast"> & { readonly elapsed: number },
  { signal }: Analysing,
): Promise<readonly SeenAndSpent[]> {
  return Promise.all(
    watched.map(async (one): Promise<SeenAndSpent> => {
      const { service, limit } = one.judged;
      try {
        const [next, baseline] = await Promise.all([
          one.next.read(signal),
          one.baseline === null ? null : one.baseline.read(signal),
        ]);
        // A clock that is set back takes no time away that went by.
        const since = { before: one.elapsed, now: Math.max(one.elapsed, elapsed) };
        const rule: LookRule = { ...one.rule, ...when, spent: one.spent, elapsed: since };
        const { spent, ...verdict } = judgeLimit(limit, service, { next, baseline }, rule);
        // A look that only confirms a failure spends nothing: it has to be as improbable as the first.
        if (verdict.verdict !== "fail") Object.assign(one, { spent, elapsed: since.now });
        return { verdict, spent: one.spent };
      } catch (error) {
        signal.throwIfAborted();
        if (!isFairwayError(error)) throw error;
        return { verdict: null, why: `${service}: ${error.message}`, spent: one.spent };
      }
    }),
  );
}

/** One line: what is undecided, or worse, comes before what is well. */
export function lookText(seen: readonly Seen[]): string {
  const isWell = ({ verdict }: Seen) => verdict?.verdict === "pass";
  const text = (one: Seen) =>
    one.verdict === null ? one.why : `${one.verdict.service}: ${one.verdict.says}`;
  return [...seen.filter((one) => !isWell(one)), ...seen.filter(isWell)].map(text).join("; ");
}
