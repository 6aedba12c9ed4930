import type { LatencyBucket } from "./metrics.ts";

/** Quantiles are compared to some percent: a bucket is no wider than this part of its lower bound. */
const growth = 1.02;
const first = 0.0001;
const last = 100;

/** Upper bounds in seconds: 0.1 ms, 0.102 ms, ... 100 s. */
const bounds = Array.from({ length: Math.ceil(Math.log(last / first) / Math.log(growth)) + 1 }, (_, index) =>
  Number(Math.min(first * growth ** index, last).toPrecision(6)),
);

/** Counts of latencies in buckets fine enough to compare quantiles by; only those that have any cost something. */
export interface Latencies {
  add(seconds: number): void;
  /** Faster ones first. */
  buckets(): LatencyBucket[];
}

export function createLatencies(): Latencies {
  const counts = new Map<number, number>();
  return {
    add: (seconds) => {
      const index = bucketOf(seconds);
      counts.set(index, (counts.get(index) ?? 0) + 1);
    },
    buckets: () =>
      [...counts]
        .sort(([one], [other]) => one - other)
        .map(([index, requests]) => ({
          overSeconds: bounds[index - 1] ?? 0,
          upToSeconds: bounds[index] ?? null,
          requests,
        })),
  };
}

function bucketOf(seconds: number): number {
  let index = Math.max(0, Math.floor(Math.log(seconds / first) / Math.log(growth)));
  // The logarithm, and the bounds, are rounded.
  while (index > 0 && seconds <= (bounds[index - 1] ?? Infinity)) index -= 1;
  while (index < bounds.length && seconds > (bounds[index] ?? Infinity)) index += 1;
  return Math.min(index, bounds.length);
}
