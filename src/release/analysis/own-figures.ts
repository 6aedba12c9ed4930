import { failure } from "../../model/errors.ts";
import type { Counts, Distribution, Limit, MetricQuery, MetricSource, Sample } from "../../model/metric.ts";
import type { RecentTraffic, Target, Traffic } from "../../model/target.ts";
import { grownSince, together, type Counted } from "../counted.ts";

export interface OwnFigures extends MetricSource {
  /** All that was ever counted of a version; null where nothing was. */
  soFar(query: MetricQuery): Promise<SoFar | null>;
}

export interface SoFar {
  readonly sample: Sample;
  /** Of all versions of the service; null where the target does not know. */
  readonly recent: RecentTraffic | null;
}

/** Figures that the target itself counts: requests of visitors, by service and version. */
export function ownFigures(target: Pick<Target, "kind" | "traffic">): OwnFigures {
  return {
    soFar: async ({ limit, service, version }) => {
      const all = await trafficOf(target, service);
      const counted = ofVersion(all, version);
      if (counted === undefined || limit.metric === "value") return null;
      return { sample: sampleOf(limit, counted), recent: recentOf(all) };
    },
    kind: target.kind,
    watch: async ({ limit, service, version }) => {
      if (limit.metric === "value") throw unreadable(`${target.kind} has no figure ${limit.name} of its own`);
      const read = async () => ofVersion(await trafficOf(target, service), version);
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
): Promise<readonly Traffic[]> {
  if (target.traffic === undefined) throw unreadable(`${target.kind} counts no requests`);
  const all = await target.traffic();
  // What Fairway itself asks says nothing of anybody; a service may have no other visitors than services.
  return all.filter((one) => one.origin !== "fairway" && one.service === service);
}

function ofVersion(all: readonly Traffic[], version: string): Named | undefined {
  const own = all.filter((one) => one.version === version);
  const names = new Set(own.map(({ counters }) => counters));
  return own.length === 0 ? undefined : { ...together(own), counters: [...names].join(" ") };
}

/** Whoever came a moment ago to another version comes to this one now. */
function recentOf(all: readonly Traffic[]): RecentTraffic | null {
  const known = all.flatMap(({ recent }) => recent ?? []);
  if (known.length === 0) return null;
  return {
    seconds: Math.max(...known.map(({ seconds }) => seconds)),
    requests: known.reduce((sum, { requests }) => sum + requests, 0),
  };
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
