import type { Clock } from "../../src/model/clock.ts";
import type { Target, Traffic } from "../../src/model/target.ts";
import { seededRandom } from "./seeded-random.ts";

/** How a version answers. */
export interface Behaviour {
  /** Share of the requests that fail, 0 to 1. */
  readonly errors: number;
  /** Milliseconds of half of the requests. */
  readonly median: number;
}

const buckets = Array.from({ length: 700 }, (_, index) => 0.0001 * 1.02 ** index);

/**
 * Gives a target visitors, so many a second by the clock, who get what its weights say; each version answers as it is told.
 * The same seed gives the same visitors.
 */
export function withVisitors<T extends Target>(
  target: T,
  clock: Clock,
  options: {
    readonly perSecond: number;
    readonly behaviour: (version: string) => Behaviour;
    readonly seed?: number;
  },
): T {
  const random = seededRandom(options.seed ?? 1);
  const counted = new Map<string, Traffic>();
  let until = clock.now().getTime();
  let owed = 0;
  const visit = async () => {
    const now = clock.now().getTime();
    owed += (options.perSecond * (now - until)) / 1000;
    until = now;
    const { services } = await target.observe();
    const visits = Math.floor(owed);
    owed -= visits;
    for (const { name, replicas, weight } of services) {
      const served = replicas.find(({ beside }) => beside === undefined)?.version;
      for (let visit = 0; visit < visits; visit += 1) {
        const goesBeside = weight !== undefined && 100 * random() < weight.percent;
        const version = goesBeside ? weight.version : served;
        if (version !== undefined) answer(name, version);
      }
    }
  };
  const answer = (service: string, version: string) => {
    const key = `${service} ${version}`;
    const before = counted.get(key) ?? begun(service, version);
    const { errors, median } = options.behaviour(version);
    const normal = Math.sqrt(-2 * Math.log1p(-random())) * Math.cos(2 * Math.PI * random());
    counted.set(key, {
      ...before,
      requests: before.requests + 1,
      failed: before.failed + (random() < errors ? 1 : 0),
      latencies: added(before.latencies, (median / 1000) * Math.exp(0.5 * normal)),
    });
  };
  return Object.assign(target, {
    traffic: async () => {
      await visit();
      return [...counted.values()];
    },
  });
}

function begun(service: string, version: string): Traffic {
  return { service, version, origin: "visitors", counters: "1", requests: 0, failed: 0, latencies: [] };
}

function added(latencies: Traffic["latencies"], seconds: number): Traffic["latencies"] {
  const at = buckets.findIndex((bound) => seconds <= bound);
  const overSeconds = at <= 0 ? 0 : (buckets[at - 1] ?? 0);
  const upToSeconds = at < 0 ? null : (buckets[at] ?? null);
  const found = latencies.find((bucket) => bucket.upToSeconds === upToSeconds);
  if (found !== undefined) {
    return latencies.map((bucket) =>
      bucket === found ? { ...bucket, requests: bucket.requests + 1 } : bucket,
    );
  }
  return [...latencies, { overSeconds, upToSeconds, requests: 1 }].sort(
    (a, b) => a.overSeconds - b.overSeconds,
  );
}
