import type { Clock } from "../../model/clock.ts";
import { failure, held, isFairwayError } from "../../model/errors.ts";
import type {
  AnalysisRecord,
  LimitVerdict,
  Look,
  LookRule,
  MetricSource,
  MetricWatch,
} from "../../model/metric.ts";
import type { AnalyseOperation, JudgedLimit } from "../../model/plan.ts";
import type { Observation, OperationContext, OperationResult, Target } from "../../model/target.ts";
import { reviewNeeded } from "../health/health.ts";
import { judgeLimit } from "./judge.ts";
import { ownFigures } from "./own-figures.ts";

/** The code of the error that says: what is looked at is worse, and has to go. */
const analysisFailed = "ANALYSIS_FAILED";

interface Analysing extends OperationContext {
  readonly target: Pick<Target, "kind" | "observe" | "traffic">;
  /** Sources that are not the target's own figures, by name. */
  readonly sources: ReadonlyMap<string, MetricSource>;
  readonly clock: Clock;
  /** Told of all that was seen, before it ends in whatever way. */
  readonly record: (analysis: AnalysisRecord) => void;
}

/** One limit on its way through the looks. */
interface Watched {
  readonly judged: JudgedLimit;
  readonly next: MetricWatch;
  readonly baseline: MetricWatch | null;
  readonly rule: Omit<LookRule, "spent" | "mayPass" | "isLast">;
  spent: number;
}

/** One bad look at the replicas is a hiccup; this many in a row are none. */
const unhealthyLooks = 3;

/**
 * Looks again and again, until it is known whether what gets a part of the visitors is as good as what serves beside it.
 * @throws FairwayError ANALYSIS_FAILED (exit 1): it has to go; REVIEW_NEEDED (exit 3): a person decides
 */
export async function analyse(operation: AnalyseOperation, analysing: Analysing): Promise<OperationResult> {
  const { clock, signal } = analysing;
  const begun = clock.now().getTime();
  const passes = begun + 1000 * operation.holdSeconds;
  const ends = passes + 1000 * operation.extendSeconds;
  const observed = await analysing.target.observe();
  const baseline = servingBeside(operation, observed);
  const watched = await watchAll(operation, baseline, analysing);
  const looks: Look[] = [];
  const inARow = { failed: 0, unread: 0, unhealthy: 0 };
  const ended = (
    ending: AnalysisRecord["ending"],
    verdicts: readonly LimitVerdict[],
    because: string | null,
  ) => {
    const since = new Date(begun).toISOString();
    const { percent } = operation;
    analysing.record({ ending, since, percent, baseline, looks, verdicts, because });
  };
  for (;;) {
    const until = passes > clock.now().getTime() ? passes : ends;
    const left = until - clock.now().getTime();
    await clock.sleep(Math.max(1, Math.min(1000 * operation.lookSeconds, left)), signal);
    const now = clock.now().getTime();
    const isLast = now >= ends;
    const sick = await unhealthy(operation, analysing);
    inARow.unhealthy = sick === null ? 0 : inARow.unhealthy + 1;
    if (sick !== null) analysing.report(sick);
    const seen = await lookAtAll(watched, { mayPass: now >= passes, isLast }, analysing);
    const verdicts = seen.flatMap((one) => (one.verdict === null ? [] : [one.verdict]));
    looks.push({
      at: clock.now().toISOString(),
      limits: seen.map(({ verdict }) => verdict && brief(verdict)),
    });
    inARow.unread = verdicts.length === seen.length ? 0 : inARow.unread + 1;
    const failed = verdicts.filter(({ verdict }) => verdict === "fail");
    inARow.failed = failed.length === 0 ? 0 : inARow.failed + 1;
    analysing.report(lookText(seen));
    if (failed.length > 0 && (inARow.failed >= operation.failedLooks || isLast)) {
      ended("fail", verdicts, null);
      throw worse(operation, failed.map(({ service, says }) => `${service}: ${says}`).join("; "));
    }
    if (sick !== null && inARow.unhealthy >= unhealthyLooks) {
      ended("fail", verdicts, sick);
      throw worse(operation, sick);
    }
    const isKnown = verdicts.length === seen.length && verdicts.every(({ verdict }) => verdict === "pass");
    if (isKnown && sick === null) {
      ended("pass", verdicts, null);
      return { observed: verdicts.map(({ service, says }) => `${service}: ${says}`).join("; ") };
    }
    if (!isLast && inARow.unread < operation.sourceErrors) continue;
    const missing = seen.flatMap((one) =>
      one.verdict === null
        ? [one.why]
        : one.verdict.verdict === "pass"
          ? []
          : [`${one.verdict.service}: ${one.verdict.says}`],
    );
    const because = (sick === null ? missing : [sick, ...missing]).join("; ");
    ended("insufficient", verdicts, because);
    throw insufficient(operation, because);
  }
}

/** By service: the version that most of its replicas in their slots have. */
function servingBeside(
  { limits }: AnalyseOperation,
  { services }: Observation,
): Readonly<Record<string, string>> {
  return Object.fromEntries(
    [...new Set(limits.map(({ service }) => service))].map((name) => {
      const replicas = services.find((service) => service.name === name)?.replicas ?? [];
      const versions = replicas.filter(({ beside, inRotation }) => beside === undefined && inRotation);
      const count = (version: string) => versions.filter((replica) => replica.version === version).length;
      const [most] = [...versions].sort((one, other) => count(other.version) - count(one.version));
      if (most !== undefined) return [name, most.version];
      throw failure(
        `nothing serves beside the new version of ${name}, so there is nothing to compare it with`,
        {
          code: analysisFailed,
        },
      );
    }),
  );
}

/** A source that does not answer yet gets as many tries as it gets looks. */
async function watchAll(
  operation: AnalyseOperation,
  baseline: Readonly<Record<string, string>>,
  analysing: Analysing,
): Promise<readonly Watched[]> {
  for (let tried = 1; ; tried += 1) {
    try {
      return await Promise.all(
        operation.limits.map(async (judged) => watch(judged, operation, baseline, analysing)),
      );
    } catch (error) {
      analysing.signal.throwIfAborted();
      if (!isFairwayError(error)) throw error;
      analysing.report(error.message);
      if (tried >= operation.sourceErrors) throw insufficient(operation, error.message);
      await analysing.clock.sleep(1000 * operation.lookSeconds, analysing.signal);
    }
  }
}

async function watch(
  judged: JudgedLimit,
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
  const compares = !(
    "maxPercent" in limit.bound ||
    "maxMilliseconds" in limit.bound ||
    "worst" in limit.bound
  );
  const baseline = compares
    ? await source.watch({ limit, service, version: versions[service] ?? "" }, signal)
    : null;
  const { alpha, power, expected, atLeast } = rule;
  const before = baseline?.before;
  // What is known of it from before counts for more than what was supposed.
  const known = before !== undefined && before.total >= 1000 ? before.events / before.total : 0;
  return {
    ...{ judged, next, baseline, spent: 0 },
    rule: { alpha, power, expected: Math.max(expected, known), ratio: (100 - percent) / percent, atLeast },
  };
}

type Seen = { readonly verdict: LimitVerdict } | { readonly verdict: null; readonly why: string };

async function lookAtAll(
  watched: readonly Watched[],
  when: Pick<LookRule, "mayPass" | "isLast">,
  { signal }: Analysing,
): Promise<readonly Seen[]> {
  return Promise.all(
    watched.map(async (one): Promise<Seen> => {
      const { service, limit } = one.judged;
      try {
        const [next, baseline] = await Promise.all([
          one.next.read(signal),
          one.baseline === null ? null : one.baseline.read(signal),
        ]);
        const rule: LookRule = { ...one.rule, ...when, spent: one.spent };
        const { spent, ...verdict } = judgeLimit(limit, service, { next, baseline }, rule);
        // A look that only confirms a failure spends nothing: it has to be as improbable as the first.
        if (verdict.verdict !== "fail") one.spent = spent;
        return { verdict };
      } catch (error) {
        signal.throwIfAborted();
        if (!isFairwayError(error)) throw error;
        return { verdict: null, why: `${service}: ${error.message}` };
      }
    }),
  );
}

/** One line: what is undecided, or worse, comes before what is well. */
function lookText(seen: readonly Seen[]): string {
  const isWell = ({ verdict }: Seen) => verdict?.verdict === "pass";
  const text = (one: Seen) =>
    one.verdict === null ? one.why : `${one.verdict.service}: ${one.verdict.says}`;
  return [...seen.filter((one) => !isWell(one)), ...seen.filter(isWell)].map(text).join("; ");
}

/** What died gets no visitors any more, and no figure tells of it. */
async function unhealthy(
  { version, limits }: AnalyseOperation,
  { target }: Analysing,
): Promise<string | null> {
  const observed = await target.observe().catch(() => null);
  if (observed === null) return "what runs cannot be looked at";
  for (const name of new Set(limits.map(({ service }) => service))) {
    const replicas = observed.services.find((service) => service.name === name)?.replicas ?? [];
    const beside = replicas.filter((replica) => replica.beside === true && replica.version === version);
    const ready = beside.filter(({ state }) => state === "ready").length;
    if (ready === 0 || ready < beside.length) {
      return `${String(ready)} of ${String(Math.max(1, beside.length))} replicas of ${name} ${version} are ready`;
    }
  }
  return null;
}

function brief({ verdict, estimate, lower, upper, samples, needed }: LimitVerdict) {
  return { verdict, estimate, lower, upper, samples, needed };
}

function worse({ version, percent }: AnalyseOperation, why: string) {
  return failure(
    `${version} with ${String(percent)} % of the visitors is worse than what serves beside it: ${why}`,
    {
      code: analysisFailed,
    },
  );
}

function insufficient({ version, percent, whenInsufficient }: AnalyseOperation, missing: string) {
  const message = `not enough is known of ${version} with ${String(percent)} % of the visitors: ${missing}`;
  return whenInsufficient === "roll-back"
    ? failure(message, { code: analysisFailed })
    : held(message, { code: reviewNeeded });
}
