import { failure } from "../../model/errors.ts";
import type { Counts, Distribution, Limit, MetricQuery, MetricSource, Sample } from "../../model/metric.ts";
import type { Target, Traffic } from "../../model/target.ts";
import { grownSince, together, type Counted } from "../counted.ts";

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
): Promise<Named | undefined> {
  if (target.traffic === undefined) throw unreadable(`${target.kind} counts no requests`);
  const all = await target.traffic();
  // What Fairway itself asks says nothing of anybody; a service may have no other visitors than services.
  const own = all.filter(
    (one) => one.origin !== "fairway" && one.service === service && one.version === version,
  );
  const names = new Set(own.map(({ counters }) => counters));
  return own.length === 0 ? undefined : { ...together(own), counters: [...names].join(" ") };
}

/** The name of the counters, or the names of all. */
type Named = Counted & Pick<Traffic, "counters">;

/** @throws FairwayError METRIC_UNREADABLE where the counters began anew: nobody knows what is missing */
function since(now: Named | undefined, before: Named | undefined): Counted {
  if (now === undefined) {
    if (before === undefined) return together([]);
    throw unreadable("the counters are gone");
  }
  if (before !== undefined && now.counters !== before.counters) throw unreadable("the counters began anew");
  const counted = grownSince(before, now);
  const isLess =
    counted.requests < 0 || counted.failed < 0 || counted.latencies.some(({ requests }) => requests < 0);
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
