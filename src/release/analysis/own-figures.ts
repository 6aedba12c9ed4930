import { failure } from "../../model/errors.ts";
import type { Counts, Distribution, Limit, MetricQuery, MetricSource, Sample } from "../../model/metric.ts";
import type { Target, Traffic } from "../../model/target.ts";

export interface OwnFigures extends MetricSource {
  /** All that was ever counted of a version; null where nothing was. */
  soFar(query: MetricQuery): Promise<Sample | null>;
}

/** Figures that the target itself counts: requests of visitors, by service and version. */
export function ownFigures(target: Pick<Target, "kind" | "traffic">): OwnFigures {
  return {
    soFar: async ({ limit, service, version }) => {
      const counted = await trafficOf(target, service, version);
      return counted === undefined || limit.metric === "value" ? null : sampleOf(limit, counted);
    },
    kind: target.kind,
    watch: async ({ limit, service, version }) => {
      if (limit.metric === "value") throw unreadable(`${target.kind} has no figure ${limit.name} of its own`);
      const read = async () => trafficOf(target, service, version);
      const begun = await read();
      return {
        ...(begun === undefined ? {} : { before: countsOf(begun) }),
        read: async () => sampleOf(limit, since(await read(), begun)),
      };
    },
  };
}

async function trafficOf(
  target: Pick<Target, "kind" | "traffic">,
  service: string,
  version: string,
): Promise<Traffic | undefined> {
  if (target.traffic === undefined) throw unreadable(`${target.kind} counts no requests`);
  const all = await target.traffic();
  // What Fairway itself asks says nothing of anybody; a service may have no other visitors than services.
  const [first, ...others] = all.filter(
    (one) => one.origin !== "fairway" && one.service === service && one.version === version,
  );
  return first === undefined ? undefined : others.reduce(together, first);
}

function together(one: Traffic, other: Traffic): Traffic {
  const buckets = new Map(one.latencies.map((bucket) => [bucket.overSeconds, bucket]));
  for (const bucket of other.latencies) {
    const requests = bucket.requests + (buckets.get(bucket.overSeconds)?.requests ?? 0);
    buckets.set(bucket.overSeconds, { ...bucket, requests });
  }
  return {
    ...one,
    counters: one.counters === other.counters ? one.counters : `${one.counters} ${other.counters}`,
    requests: one.requests + other.requests,
    failed: one.failed + other.failed,
    latencies: [...buckets.values()].sort((a, b) => a.overSeconds - b.overSeconds),
  };
}

type Counted = Pick<Traffic, "requests" | "failed" | "latencies">;

/** @throws FairwayError METRIC_UNREADABLE where the counters began anew: nobody knows what is missing */
function since(now: Traffic | undefined, before: Traffic | undefined): Counted {
  if (now === undefined) {
    if (before === undefined) return { requests: 0, failed: 0, latencies: [] };
    throw unreadable("the counters are gone");
  }
  if (before === undefined) return now;
  if (now.counters !== before.counters) throw unreadable("the counters began anew");
  const had = new Map(before.latencies.map((bucket) => [bucket.overSeconds, bucket.requests]));
  const latencies = now.latencies.map((bucket) => ({
    ...bucket,
    requests: bucket.requests - (had.get(bucket.overSeconds) ?? 0),
  }));
  const counted = { requests: now.requests - before.requests, failed: now.failed - before.failed, latencies };
  const isLess = counted.requests < 0 || counted.failed < 0 || latencies.some(({ requests }) => requests < 0);
  if (isLess) throw unreadable("the counters began anew");
  return counted;
}

function sampleOf({ metric }: Limit, counted: Counted): Sample {
  return metric === "latency" ? distributionOf(counted) : countsOf(counted);
}

function countsOf({ requests, failed }: Counted): Counts {
  return { kind: "counts", events: failed, total: requests };
}

/** In milliseconds. */
function distributionOf({ latencies }: Counted): Distribution {
  const buckets = latencies
    .filter(({ requests }) => requests > 0)
    .map(({ overSeconds, upToSeconds, requests }) => ({
      above: 1000 * overSeconds,
      upTo: upToSeconds === null ? null : 1000 * upToSeconds,
      count: requests,
    }));
  return { kind: "distribution", buckets };
}

function unreadable(why: string) {
  return failure(why, { code: "METRIC_UNREADABLE" });
}
