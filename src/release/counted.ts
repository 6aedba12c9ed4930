import type { LatencyBucket, Traffic } from "../model/target.ts";

/** Requests that counters have, or have grown by. */
export type Counted = Pick<Traffic, "requests" | "failed" | "latencies">;

const nothing: Counted = { requests: 0, failed: 0, latencies: [] };

/** What counters grew by; a number of it is less than zero where they began anew. */
export function grownSince(before: Counted | undefined, now: Counted): Counted {
  return before === undefined ? now : combined(now, before, -1);
}

/** Of several origins, services or versions of one target. */
export function together(all: readonly Counted[]): Counted {
  return all.reduce((one, other) => combined(one, other, 1), nothing);
}

function combined(one: Counted, other: Counted, sign: 1 | -1): Counted {
  const buckets = new Map<number, LatencyBucket>(one.latencies.map((bucket) => [bucket.overSeconds, bucket]));
  for (const bucket of other.latencies) {
    const requests = (buckets.get(bucket.overSeconds)?.requests ?? 0) + sign * bucket.requests;
    buckets.set(bucket.overSeconds, { ...bucket, requests });
  }
  return {
    requests: one.requests + sign * other.requests,
    failed: one.failed + sign * other.failed,
    latencies: [...buckets.values()].sort((a, b) => a.overSeconds - b.overSeconds),
  };
}
