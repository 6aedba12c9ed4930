import type { Distribution, LookRule } from "../../model/metric.ts";
import type { Figure } from "./figure.ts";
import { samplesForSpread } from "./sample-size.ts";
import { decisiveAlpha } from "./spending.ts";
import { quantileBounds, type QuantileBounds, type Range } from "./statistics/quantiles.ts";
import { normalQuantile, normalTail } from "./statistics/special.ts";
import { atMost, change, count, digits } from "./words.ts";

/** Of latencies that nobody has measured yet: the deviation of their logarithm. Web services have 0.5 to 1. */
const assumedDeviation = 1;

/**
 * A quantile of the new version beside that of the version that serves, as a ratio: each with the bounds that the order of its
 * samples gives, put together as Zou and Donner do (MOVER), on the scale of logarithms.
 */
export function compareQuantiles(
  next: Distribution,
  baseline: Distribution,
  { quantile, maxIncreasePercent }: { readonly quantile: number; readonly maxIncreasePercent: number },
  rule: LookRule,
): Figure {
  const allowed = Math.log1p(maxIncreasePercent / 100);
  const worse = Math.log1p((2 * maxIncreasePercent) / 100);
  const at = (alpha: number) => {
    const own = quantileBounds(next, quantile, alpha);
    const other = quantileBounds(baseline, quantile, alpha);
    return { own, other, ...ratioBounds(own, other) };
  };
  const { own, other, estimate, lower, upper } = at(rule.alpha);
  const planned = { alpha: decisiveAlpha(rule.alpha), power: rule.power };
  const ratio = own.samples === 0 ? rule.ratio : Math.min(rule.ratio, other.samples / own.samples);
  const spread = spreadOf(other, quantile, rule.alpha) * Math.sqrt(1 + 1 / Math.max(ratio, 1e-9));
  const needed = samplesForSpread({ spread, limit: allowed, worse }, planned);
  const coarse = Math.log(widthOf(own.estimate)) + Math.log(widthOf(other.estimate));
  return {
    samples: own.samples,
    fewest: Math.min(own.samples, other.samples),
    needed,
    estimate: asPercent(middle(estimate)),
    lower: asPercent(lower),
    upper: asPercent(upper),
    isOver: estimate.from > allowed,
    isUnder: upper < allowed,
    probability: own.samples === 0 || other.samples === 0 ? 1 : probabilityOf((alpha) => at(alpha).lower > 0),
    seen:
      `p${digits(100 * quantile)} is ${milliseconds(own.estimate)} of ${count(own.samples)} requests, and ` +
      `${milliseconds(other.estimate)} of ${count(other.samples)} beside: ${change(Math.expm1(middle(estimate)))}, ` +
      atMost(Math.expm1(upper), change),
    tooCoarse:
      own.samples > 0 && other.samples > 0 && coarse >= allowed
        ? `the buckets around the p${digits(100 * quantile)} are too wide to tell ${digits(maxIncreasePercent)} %`
        : null,
  };
}

/** The same against a number of milliseconds. */
export function judgeQuantile(
  next: Distribution,
  { quantile, maxMilliseconds }: { readonly quantile: number; readonly maxMilliseconds: number },
  rule: LookRule,
): Figure {
  const own = quantileBounds(next, quantile, rule.alpha);
  const planned = { alpha: decisiveAlpha(rule.alpha), power: rule.power };
  const spread = spreadOf(own, quantile, rule.alpha);
  const isOver = (alpha: number) => quantileBounds(next, quantile, alpha).lower >= maxMilliseconds;
  return {
    samples: own.samples,
    fewest: own.samples,
    needed: samplesForSpread({ spread, limit: 0, worse: Math.log(2) }, planned),
    estimate: own.samples === 0 ? null : middle(own.estimate),
    lower: own.lower,
    upper: Number.isFinite(own.upper) ? own.upper : null,
    isOver: own.samples > 0 && own.estimate.from >= maxMilliseconds,
    isUnder: own.upper <= maxMilliseconds,
    probability: own.samples === 0 ? 1 : probabilityOf(isOver),
    seen:
      `p${digits(100 * quantile)} is ${milliseconds(own.estimate)} of ${count(own.samples)} requests, ` +
      atMost(own.upper, (upper) => `${digits(upper)} ms`),
    tooCoarse:
      own.samples > 0 && own.estimate.from < maxMilliseconds && own.estimate.to > maxMilliseconds
        ? `${digits(maxMilliseconds)} ms is inside a bucket that reaches from ${milliseconds(own.estimate)}`
        : null,
  };
}

/** Of the logarithm of the ratio. */
function ratioBounds(own: QuantileBounds, other: QuantileBounds) {
  const estimate: Range = {
    from: Math.log(own.estimate.from / other.estimate.to),
    to: Math.log(own.estimate.to / other.estimate.from),
  };
  const down = Math.hypot(Math.log(own.estimate.from / own.lower), Math.log(other.upper / other.estimate.to));
  const up = Math.hypot(Math.log(own.upper / own.estimate.to), Math.log(other.estimate.from / other.lower));
  return {
    estimate,
    lower: defined(estimate.from - down, -Infinity),
    upper: defined(estimate.to + up, Infinity),
  };
}

/** Zero by zero, or infinity less infinity, is not known. */
function defined(number: number, otherwise: number): number {
  return Number.isNaN(number) ? otherwise : number;
}

/** Standard error of the logarithm with one sample, from how wide the bounds are with those that there are. */
function spreadOf(
  { samples, estimate, lower, upper }: QuantileBounds,
  quantile: number,
  alpha: number,
): number {
  const z = normalQuantile(1 - alpha);
  const density = Math.exp(-(normalQuantile(quantile) ** 2) / 2) / Math.sqrt(2 * Math.PI);
  const assumed = (assumedDeviation * Math.sqrt(quantile * (1 - quantile))) / density;
  const width = Math.max(Math.log(upper / middle(estimate)), Math.log(middle(estimate) / lower));
  return samples > 0 && Number.isFinite(width) && width > 0 ? (width / z) * Math.sqrt(samples) : assumed;
}

/** The least alpha at which it is so, as the normal distribution's tail. */
function probabilityOf(isSo: (alpha: number) => boolean): number {
  let low = 0;
  let high = 8;
  if (!isSo(0.5)) return 1;
  for (let step = 0; step < 30; step += 1) {
    const z = (low + high) / 2;
    if (isSo(normalTail(z))) low = z;
    else high = z;
  }
  return normalTail(low);
}

function widthOf({ from, to }: Range): number {
  return to / from;
}

function middle({ from, to }: Range): number {
  return from === to ? from : (from + to) / 2;
}

function asPercent(logarithm: number): number | null {
  return Number.isFinite(logarithm) ? 100 * Math.expm1(logarithm) : null;
}

function milliseconds(range: Range): string {
  const { from, to } = range;
  if (to === Infinity) return `over ${digits(from)} ms`;
  return widthOf(range) < 1.05 ? `${digits(middle(range))} ms` : `${digits(from)} to ${digits(to)} ms`;
}
