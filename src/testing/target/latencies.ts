import { binomial } from "./sampling.ts";

/** Seconds: bounds grow by 2 % from 0.1 ms to about 100 s. */
const bound = (index: number) => 0.0001 * 1.02 ** index;
const last = 700;
const sigma = 0.5;

/** The bucket that a time in seconds falls into. */
export function bucketIndex(seconds: number): number {
  return Math.min(last, Math.max(0, Math.ceil(Math.log(seconds / 0.0001) / Math.log(1.02))));
}

export function latencyBuckets(index: number) {
  return {
    overSeconds: index === 0 ? 0 : bound(index - 1),
    upToSeconds: index === last ? null : bound(index),
  };
}

/** So many requests by bucket, of a log-normal distribution with this median in seconds. */
export function spreadOver(requests: number, median: number, random: () => number): Map<number, number> {
  const spread = new Map<number, number>();
  if (requests <= 200) {
    for (let request = 0; request < requests; request += 1) {
      const normal = Math.sqrt(-2 * Math.log1p(-random())) * Math.cos(2 * Math.PI * random());
      const bucket = bucketIndex(median * Math.exp(sigma * normal));
      spread.set(bucket, (spread.get(bucket) ?? 0) + 1);
    }
    return spread;
  }
  // Bucket by bucket: a share of those that are in none of the faster ones.
  let left = requests;
  let below = 0;
  for (let bucket = bucketIndex(median * Math.exp(-5 * sigma)); left > 0; bucket += 1) {
    const upTo = bucket >= last ? 1 : cumulative(Math.log(bound(bucket) / median) / sigma);
    const share = bucket >= last || below >= 1 ? 1 : Math.min(1, (upTo - below) / (1 - below));
    const count = share >= 1 ? left : binomial(left, share, random);
    if (count > 0) spread.set(Math.min(bucket, last), count);
    left -= count;
    below = upTo;
  }
  return spread;
}

/** Of the normal distribution, to 7 digits (Abramowitz and Stegun, 7.1.26). */
function cumulative(z: number): number {
  const x = Math.abs(z) / Math.SQRT2;
  const t = 1 / (1 + 0.3275911 * x);
  const polynomial =
    t * (0.254829592 + t * (-0.284496736 + t * (1.421413741 + t * (-1.453152027 + t * 1.061405429))));
  const half = (1 - polynomial * Math.exp(-x * x)) / 2;
  return z < 0 ? 0.5 - half : 0.5 + half;
}
