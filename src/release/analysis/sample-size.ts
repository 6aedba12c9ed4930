import type { Limit } from "../../model/metric.ts";
import type { AnalysisRule } from "../../model/plan.ts";
import { binomialAt, binomialAtLeast } from "./statistics/binomial.ts";
import { fisherExact } from "./statistics/shares.ts";
import { normalQuantile } from "./statistics/special.ts";

export interface Planned {
  /** Of the look that decides. */
  readonly alpha: number;
  /** With which probability twice the limit is noticed. */
  readonly power: number;
}

/** A value stands for all requests of its time: so many of them are no accident of one look. */
const fewestValues = 20;

/** With fewer samples than this nothing passes: requests as the plan says, values by themselves. */
export function fewestOf({ metric }: Limit, { atLeast }: Pick<AnalysisRule, "atLeast">): number {
  return metric === "value" ? Math.min(atLeast, fewestValues) : atLeast;
}

/** More than this many requests of the new version are not asked for; a limit that needs more is refused. */
const mostSamples = 10_000_000;

/**
 * How many requests of the new version it takes to notice twice the limit: the exact power of Fisher's test together with the
 * rule that the estimate is over the limit, where both versions had these shares.
 * @param baseline share of the version that serves, 0 to 1
 * @param limit the increase that is allowed, 0 to 1
 * @param ratio requests of the version that serves for each one of the new version
 */
export function samplesForShares(
  { baseline, limit, ratio }: { readonly baseline: number; readonly limit: number; readonly ratio: number },
  { alpha, power }: Planned,
): number {
  const worse = Math.min(1, baseline + 2 * limit);
  return leastSamples((n) => {
    const other = Math.max(1, Math.round(n * ratio));
    return powerOfShares({ n, other, baseline, worse, limit, alpha }) >= power;
  });
}

/** The same against a fixed share: the exact binomial test. */
export function samplesForShare(limit: number, { alpha, power }: Planned): number {
  const worse = Math.min(1, 2 * limit);
  return leastSamples((n) => {
    let least = Math.floor(n * limit) + 1;
    while (least <= n && binomialAtLeast(least, n, limit) > alpha) least += 1;
    return binomialAtLeast(least, n, worse) >= power;
  });
}

/**
 * How many it takes for a figure with a known spread.
 * @param spread standard error of the compared figure with one request of the new version
 * @param limit what is allowed, in the same unit
 * @param worse what has to be noticed
 */
export function samplesForSpread(
  { spread, limit, worse }: { readonly spread: number; readonly limit: number; readonly worse: number },
  { alpha, power }: Planned,
): number {
  const significant = (normalQuantile(1 - alpha) + normalQuantile(power)) * spread;
  const over = normalQuantile(power) * spread;
  return Math.ceil(Math.max((significant / worse) ** 2, (over / (worse - limit)) ** 2));
}

function powerOfShares(input: {
  readonly n: number;
  readonly other: number;
  readonly baseline: number;
  readonly worse: number;
  readonly limit: number;
  readonly alpha: number;
}): number {
  const { n, other, baseline, worse, limit, alpha } = input;
  const deviation = Math.sqrt(other * baseline * (1 - baseline));
  const first = Math.max(0, Math.floor(other * baseline - 6 * deviation - 6));
  const last = Math.min(other, Math.ceil(other * baseline + 6 * deviation + 6));
  // Where there are many of them, each stands for its neighbours.
  const stride = Math.max(1, Math.floor((last - first) / 200));
  let reached = 0;
  let weight = 0;
  let least = 0;
  for (let events = first; events <= last; events += stride) {
    const probability = binomialAt(events, other, baseline);
    least = Math.max(least, Math.floor(n * (events / other + limit)) + 1);
    least = leastSignificant(least, { n, events, other, alpha });
    weight += probability;
    if (least <= n) reached += probability * binomialAtLeast(least, n, worse);
  }
  return weight === 0 ? 0 : reached / weight;
}

/** The least number of the new version's events, from this one on, that is significant beside the other's. */
function leastSignificant(
  from: number,
  { n, events, other, alpha }: { n: number; events: number; other: number; alpha: number },
): number {
  const isSignificant = (at: number) =>
    fisherExact({ events: at, total: n }, { events, total: other }) <= alpha;
  let step = 1;
  let low = from;
  while (low <= n && !isSignificant(low)) {
    from = low + 1;
    low += step;
    step *= 2;
  }
  let high = Math.min(low, n + 1);
  low = from;
  while (low < high) {
    const middle = Math.floor((low + high) / 2);
    if (isSignificant(middle)) high = middle;
    else low = middle + 1;
  }
  return low;
}

/** Doubles, then halves the gap to a hundredth: the power of exact tests is a saw, and no finer answer is worth more. */
function leastSamples(isEnough: (n: number) => boolean): number {
  let high = 16;
  while (!isEnough(high)) {
    if (high >= mostSamples) return Infinity;
    high *= 2;
  }
  let low = high / 2;
  while (high - low > Math.max(1, low / 100)) {
    const middle = Math.floor((low + high) / 2);
    if (isEnough(middle)) high = middle;
    else low = middle;
  }
  return high;
}
