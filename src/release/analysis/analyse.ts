import type { AnalysisRecord, LimitVerdict, Look } from "../../model/metric.ts";
import type { AnalyseOperation } from "../../model/plan.ts";
import type { Seen } from "../../model/rollout.ts";
import type { OperationResult } from "../../model/target.ts";
import { servingBeside, unhealthy } from "./beside.ts";
import { insufficient, worse } from "./endings.ts";
import { methodOfVerdicts } from "./judge.ts";
import { lookAtAll, lookText, watchAll, type Analysing } from "./looking.ts";

/** One bad look at the replicas is a hiccup; this many in a row are none. */
const unhealthyLooks = 3;

/**
 * Looks again and again, until it is known whether what gets a part of the visitors is as good as what serves beside it.
 * @throws FairwayError ANALYSIS_FAILED (exit 1): it has to go; REVIEW_NEEDED (exit 3): a person decides
 */
export async function analyse(operation: AnalyseOperation, analysing: Analysing): Promise<OperationResult> {
  const { clock, signal, target, report, record, looked } = analysing;
  const baseline = servingBeside(operation, await target.observe());
  const looks: Look[] = [];
  const written = async (seen: Omit<Look, "at">) => {
    const look = { at: clock.now().toISOString(), ...seen };
    looks.push(look);
    await looked(look);
  };
  const { percent } = operation;
  const conclude = (since: number, end: Pick<AnalysisRecord, "ending" | "because" | "verdicts">) => {
    record({
      ...end,
      method: methodOfVerdicts,
      since: new Date(since).toISOString(),
      percent,
      baseline,
      looks,
    });
  };
  const came = clock.now().getTime();
  const watched = await watchAll(operation, baseline, analysing, () =>
    written({ limits: operation.limits.map(() => null), spent: operation.limits.map(() => 0) }),
  );
  if (typeof watched === "string") {
    conclude(came, { ending: "insufficient", because: watched, verdicts: [] });
    throw insufficient(operation, watched);
  }
  // Not before: a hold in which nothing was counted holds nothing.
  const begun = clock.now().getTime();
  const passes = begun + 1000 * operation.holdSeconds;
  const ends = passes + 1000 * operation.extendSeconds;
  const tell = (seen: readonly Seen[], sick: string | null) => {
    const times = { begunAt: begun, passesAt: passes, endsAt: ends };
    analysing.watched({ ...times, baseline, looks: [...looks], seen, sick });
  };
  tell([], null);
  let before: InARow = { failed: 0, unread: 0, unhealthy: 0 };
  for (;;) {
    const now = clock.now().getTime();
    const left = (now < passes ? passes : ends) - now;
    await clock.sleep(Math.max(1, Math.min(1000 * operation.lookSeconds, left)), signal);
    const at = clock.now();
    const isLast = at.getTime() >= ends;
    const elapsed = Math.min(1, (at.getTime() - begun) / (ends - begun));
    const sick = await unhealthy(operation, target);
    const mayPass = at.getTime() >= passes;
    const seen = await lookAtAll(watched, { elapsed, mayPass, isLast }, analysing);
    report([...(sick === null ? [] : [sick]), lookText(seen)].join("; "));
    await written({
      limits: seen.map(({ verdict }) => verdict && brief(verdict)),
      spent: seen.map(({ spent }) => spent),
    });
    tell(seen, sick);
    const inARow = countInARow(before, seen, sick);
    before = inARow;
    const end = endOf(operation, { seen, sick, inARow, isLast });
    if (end === null) continue;
    const verdicts = seen.flatMap(({ verdict }) => (verdict === null ? [] : [verdict]));
    conclude(begun, { ...end, verdicts });
    const says = end.because ?? textOf(verdicts.filter(({ verdict }) => verdict === end.ending));
    if (end.ending === "pass") return { observed: says };
    throw end.ending === "fail" ? worse(operation, says) : insufficient(operation, says);
  }
}

/** How many looks up to this one, without a break. */
interface InARow {
  readonly failed: number;
  readonly unread: number;
  readonly unhealthy: number;
}

function countInARow(before: InARow, seen: readonly Seen[], sick: string | null): InARow {
  const next = (is: boolean, count: number) => (is ? count + 1 : 0);
  const isFailed = seen.some(({ verdict }) => verdict?.verdict === "fail");
  const isUnread = seen.some(({ verdict }) => verdict === null);
  return {
    // What could not be read takes nothing back.
    failed: isUnread && !isFailed ? before.failed : next(isFailed, before.failed),
    unread: next(isUnread, before.unread),
    unhealthy: next(sick !== null, before.unhealthy),
  };
}

/** What a look ends, and why where no limit says it; null where it ends nothing. */
function endOf(
  { failedLooks, sourceErrors }: Pick<AnalyseOperation, "failedLooks" | "sourceErrors">,
  look: {
    readonly seen: readonly Seen[];
    readonly sick: string | null;
    readonly inARow: InARow;
    readonly isLast: boolean;
  },
): Pick<AnalysisRecord, "ending" | "because"> | null {
  const { seen, sick, inARow, isLast } = look;
  if (inARow.failed > 0 && (inARow.failed >= failedLooks || isLast)) return { ending: "fail", because: null };
  if (inARow.unhealthy >= unhealthyLooks) return { ending: "fail", because: sick };
  // Where nothing is judged nothing is known.
  const isKnown = seen.length > 0 && seen.every(({ verdict }) => verdict?.verdict === "pass");
  if (isKnown && sick === null) return { ending: "pass", because: null };
  if (!isLast && inARow.unread < sourceErrors) return null;
  const missing = seen.flatMap((one) => {
    if (one.verdict === null) return [one.why];
    return one.verdict.verdict === "pass" ? [] : [textOf([one.verdict])];
  });
  const nothing = seen.length === 0 ? ["nothing judges it"] : [];
  return {
    ending: "insufficient",
    because: [...(sick === null ? [] : [sick]), ...missing, ...nothing].join("; "),
  };
}

function textOf(verdicts: readonly LimitVerdict[]): string {
  return verdicts.map(({ service, says }) => `${service}: ${says}`).join("; ");
}

function brief({ verdict, estimate, lower, upper, samples, needed }: LimitVerdict) {
  return { verdict, estimate, lower, upper, samples, needed };
}
