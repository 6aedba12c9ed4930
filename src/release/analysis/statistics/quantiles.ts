import type { Bucket, Distribution } from "../../../model/metric.ts";
import { binomialAtLeast, binomialAtMost } from "./binomial.ts";

/** Between which two values something lies; the same twice where it is known exactly. */
export interface Range {
  readonly from: number;
  readonly to: number;
}

export interface QuantileBounds {
  readonly samples: number;
  readonly estimate: Range;
  /** One-sided each; 0 and Infinity where there are too few samples for one. */
  readonly lower: number;
  readonly upper: number;
}

/**
 * A quantile with bounds from the order of the samples alone, whatever their distribution: how many of n samples lie under a
 * quantile is binomial. From buckets only their borders are known, and the bounds are as wide as that asks for.
 */
export function quantileBounds(distribution: Distribution, quantile: number, alpha: number): QuantileBounds {
  const samples = countOf(distribution);
  const at = (rank: number) => bucketAt(distribution, rank);
  const estimate = samples === 0 ? { from: 0, to: Infinity } : rangeOf(at(Math.ceil(quantile * samples)));
  const low = lowerRank(samples, quantile, alpha);
  const high = upperRank(samples, quantile, alpha);
  return {
    samples,
    estimate,
    lower: low === null ? 0 : rangeOf(at(low)).from,
    upper: high === null ? Infinity : rangeOf(at(high)).to,
  };
}

export function countOf({ buckets }: Distribution): number {
  return buckets.reduce((sum, { count }) => sum + count, 0);
}

/** The largest rank whose value is over the quantile with a probability of at most alpha; null where none is. */
function lowerRank(samples: number, quantile: number, alpha: number): number | null {
  const rank = leastRank(samples, (at) => binomialAtMost(at - 1, samples, quantile) > alpha) - 1;
  return rank >= 1 ? rank : null;
}

/** The least rank whose value is under the quantile with a probability of at most alpha; null where none is. */
function upperRank(samples: number, quantile: number, alpha: number): number | null {
  const rank = leastRank(samples, (at) => binomialAtLeast(at, samples, quantile) <= alpha);
  return rank <= samples ? rank : null;
}

/** The least of 1 to samples for which it is so; one more where it never is. */
function leastRank(samples: number, isSo: (rank: number) => boolean): number {
  let low = 1;
  let high = samples + 1;
  while (low < high) {
    const middle = Math.floor((low + high) / 2);
    if (isSo(middle)) high = middle;
    else low = middle + 1;
  }
  return low;
}

function bucketAt({ buckets }: Distribution, rank: number): Bucket | undefined {
  let seen = 0;
  return buckets.find(({ count }) => (seen += count) >= rank);
}

function rangeOf(bucket: Bucket | undefined): Range {
  return bucket === undefined
    ? { from: 0, to: Infinity }
    : { from: bucket.above, to: bucket.upTo ?? Infinity };
}
