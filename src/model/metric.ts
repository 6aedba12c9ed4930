/**
 * What a release is judged by while it gets a part of the requests: figures of the new version, compared with those of the
 * version beside it over the same time, or with a number.
 */
export type Limit = ErrorRateLimit | LatencyLimit | ValueLimit;

/** Share of the requests that were answered 5xx or cut off. Exactly one of the bounds is given. */
export interface ErrorRateLimit {
  readonly metric: "error-rate";
  /** Name of a source in the config; null for the target's own figures. */
  readonly source: string | null;
  readonly bound: IncreaseInPoints | AtMostPercent;
}

/** A quantile of the time from request to the end of the answer. */
export interface LatencyLimit {
  readonly metric: "latency";
  readonly source: string | null;
  /** Between 0 and 1: 0.99. */
  readonly quantile: number;
  readonly bound: IncreaseInPercent | AtMostMilliseconds;
}

/** Any number that has a better direction: orders a minute, the length of a queue. */
export interface ValueLimit {
  readonly metric: "value";
  readonly source: string;
  /** What the source knows it by. */
  readonly name: string;
  readonly better: "lower" | "higher";
  readonly bound: ChangeInPercent | Worst;
}

/** Percentage points that the new version may be over the old one. */
export interface IncreaseInPoints {
  readonly maxIncreasePoints: number;
}
export interface AtMostPercent {
  readonly maxPercent: number;
}
/** Percent of the old version's figure that the new one may be over it. */
export interface IncreaseInPercent {
  readonly maxIncreasePercent: number;
}
export interface AtMostMilliseconds {
  readonly maxMilliseconds: number;
}
/** Percent of the old version's figure that the new one may be worse. */
export interface ChangeInPercent {
  readonly maxWorsePercent: number;
}
/** The worst value that is still allowed. */
export interface Worst {
  readonly worst: number;
}

/** Whether it is the version that serves that the new one is compared with, over the same time; a number otherwise. */
export function comparesWithBaseline(
  bound: Limit["bound"],
): bound is IncreaseInPoints | IncreaseInPercent | ChangeInPercent {
  return "maxIncreasePoints" in bound || "maxIncreasePercent" in bound || "maxWorsePercent" in bound;
}

/** What a source counted or measured of one version since it was asked to watch it. */
export type Sample = Counts | Distribution | Values;

export interface Counts {
  readonly kind: "counts";
  readonly events: number;
  readonly total: number;
}

export interface Distribution {
  readonly kind: "distribution";
  /** Smallest first, not overlapping. */
  readonly buckets: readonly Bucket[];
}

/** So many values over `above` and up to `upTo`; one exact value has both the same. Milliseconds for latencies. */
export interface Bucket {
  readonly above: number;
  /** Null where there is no upper border. */
  readonly upTo: number | null;
  readonly count: number;
}

/** One for each time that it was asked, null where there was no new one: those of two versions at the same place are a pair. */
export interface Values {
  readonly kind: "values";
  readonly values: readonly (number | null)[];
}

/** Where figures come from: the target itself, Prometheus, any JSON on the web. */
export interface MetricSource {
  readonly kind: string;
  /** Begins to watch one figure of one version of a service. @throws FairwayError METRIC_UNREADABLE */
  watch(query: MetricQuery, signal: AbortSignal): Promise<MetricWatch>;
}

export interface MetricQuery {
  readonly limit: Limit;
  readonly service: string;
  readonly version: string;
}

export interface MetricWatch {
  /** What was counted before, of a version that serves for some time; absent where nobody knows. */
  readonly before?: Counts;
  /** All since the watch began. @throws FairwayError METRIC_UNREADABLE; also when what it counted began anew */
  read(signal: AbortSignal): Promise<Sample>;
}

/** What one look at one limit says. It can be computed again from `compared` and `rule`. */
export interface LimitVerdict {
  readonly verdict: "pass" | "fail" | "insufficient";
  readonly limit: Limit;
  readonly service: string;
  readonly compared: Compared;
  readonly rule: LookRule;
  /** Difference, change or figure in the unit of the limit; bounds are null where they are unbounded. */
  readonly estimate: number | null;
  readonly lower: number | null;
  readonly upper: number | null;
  /** Requests, or values, of the new version: those that there are, and those that decide. */
  readonly samples: number;
  readonly needed: number | null;
  /** One line for people: what was seen, and what would settle it. */
  readonly says: string;
}

export interface Compared {
  readonly next: Sample;
  /** Of the version that serves, over the same time; null where the limit compares with a number. */
  readonly baseline: Sample | null;
}

/** By what one look is judged. */
export interface LookRule {
  /** What this try at a step may spend on this limit, over all of its looks; tries before it have spent of the step's too. */
  readonly alpha: number;
  /** What looks of this try before this one have spent of it. */
  readonly spent: number;
  /** Of the longest time that this step may take, 0 to 1: at the last look that spent something, and now. */
  readonly elapsed: { readonly before: number; readonly now: number };
  /** The probability with which twice the limit is to be noticed. */
  readonly power: number;
  /** The share of errors, 0 to 1, that the version that serves is planned with; more where more is counted. */
  readonly expected: number;
  /** Requests of the version that serves for each one of the new version, as planned. */
  readonly ratio: number;
  /** Fewer than this many of either version never pass. */
  readonly atLeast: number;
  /** False before the end of a hold: then nothing passes yet. */
  readonly mayPass: boolean;
  /** True where no look follows in this step, whatever it says: it has all that is left of alpha. */
  readonly isLast: boolean;
}

/** What an analysis leaves in the ledger. */
export interface AnalysisRecord {
  /** By which version of the method the verdicts were computed: another one may come to others. */
  readonly method: number;
  readonly ending: "pass" | "fail" | "insufficient";
  /** RFC 3339, UTC. */
  readonly since: string;
  readonly percent: number;
  /** By service: the version that served beside. */
  readonly baseline: Readonly<Record<string, string>>;
  /** Oldest first. */
  readonly looks: readonly Look[];
  /** Of the last look, with all that they were computed from. */
  readonly verdicts: readonly LimitVerdict[];
  /** What ended it where no limit did; null otherwise. */
  readonly because: string | null;
}

export interface Look {
  readonly at: string;
  /** In the order of the operation's limits; null where the source could not be read. */
  readonly limits: readonly (LookAtLimit | null)[];
  /** What the looks of this try have spent of alpha with this one, limit by limit. */
  readonly spent: readonly number[];
}

export type LookAtLimit = Pick<
  LimitVerdict,
  "verdict" | "estimate" | "lower" | "upper" | "samples" | "needed"
>;
