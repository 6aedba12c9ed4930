import type { Clock } from "../../model/clock.ts";
import type { Traffic } from "../../model/target.ts";
import { seededRandom } from "../seeded-random.ts";
import type { SimulatedTarget } from "./simulated-target.ts";
import { bucketIndex, latencyBuckets, spreadOver } from "./latencies.ts";
import { binomial } from "./sampling.ts";

/** How a version answers. */
export interface Behaviour {
  /** Share of the requests that fail, 0 to 1. */
  readonly errors: number;
  /** Milliseconds of half of the requests; their logarithms have a standard deviation of 0.5. */
  readonly median: number;
}

export interface VisitorOptions {
  /** Requests a second, of each service. */
  readonly perSecond: number | ((at: Date) => number);
  readonly behaviour: (version: string, at: Date) => Behaviour;
  /** @default 1 */
  readonly seed?: number;
  /** Milliseconds of the epoch at which rate or behaviour change, between two times. @default they never do */
  readonly changes?: (from: number, until: number) => readonly number[];
}

interface Counters {
  readonly service: string;
  readonly version: string;
  requests: number;
  failed: number;
  /** By bucket. */
  readonly latencies: Map<number, number>;
}

/**
 * Gives a target visitors, so many a second by the clock, who get what its weights say; each version answers as it is told.
 * They are drawn by number, not one by one, so that a fortnight of them takes no time. The same seed gives the same visitors.
 */
export function withVisitors<T extends SimulatedTarget>(target: T, clock: Clock, options: VisitorOptions): T {
  const { perSecond, behaviour, seed = 1, changes = () => [] } = options;
  const { slots, sides, weights, isReady, watchers } = target.replicas;
  const random = seededRandom(seed);
  const counted = new Map<string, Counters>();
  let until = clock.now().getTime();
  let owed = 0;

  const answer = (service: string, version: string, requests: number, at: Date) => {
    const counters = countersOf(counted, service, version);
    const { errors, median } = behaviour(version, at);
    counters.requests += requests;
    counters.failed += binomial(requests, errors, random);
    for (const [bucket, count] of spreadOver(requests, median / 1000, random)) {
      counters.latencies.set(bucket, (counters.latencies.get(bucket) ?? 0) + count);
    }
  };
  const nobodyAnswers = (service: string, version: string, requests: number) => {
    const counters = countersOf(counted, service, version);
    counters.requests += requests;
    counters.failed += requests;
    const bucket = bucketIndex(0.001);
    counters.latencies.set(bucket, (counters.latencies.get(bucket) ?? 0) + requests);
  };
  const visitService = (service: string, visits: number, at: Date) => {
    // Who is kept out reaches no version, and is counted with none.
    if (target.replicas.maintenance !== null) return;
    const own = (there: typeof slots) => [...there.values()].filter((replica) => replica.service === service);
    const ready = (there: typeof slots) => own(there).filter((replica) => isReady(replica, at));
    const weight = weights.get(service);
    const besideReady = weight !== undefined && ready(sides).length > 0;
    const beside = besideReady ? binomial(visits, weight.percent / 100, random) : 0;
    if (beside > 0) answer(service, weight?.version ?? "", beside, at);
    let left = visits - beside;
    const serving = ready(slots);
    const [first] = own(slots);
    if (serving.length === 0 && first !== undefined) nobodyAnswers(service, first.version, left);
    for (const [index, { version }] of serving.entries()) {
      const share = binomial(left, 1 / (serving.length - index), random);
      left -= share;
      if (share > 0) answer(service, version, share, at);
    }
  };
  /** All who came since the last time, to what ran meanwhile. */
  const visit = () => {
    const now = clock.now().getTime();
    const crashes = [...slots.values(), ...sides.values()].flatMap(({ crashesAt }) => crashesAt ?? []);
    const moments = [...crashes, ...changes(until, now)].filter((moment) => moment > until && moment < now);
    for (const end of [...new Set(moments), now].sort((one, other) => one - other)) {
      const at = new Date(until);
      const rate = typeof perSecond === "number" ? perSecond : perSecond(at);
      owed += (rate * Math.max(0, end - until)) / 1000;
      until = end;
      const visits = Math.floor(owed);
      owed -= visits;
      const services = new Set([...slots.values()].map(({ service }) => service));
      if (visits > 0) for (const service of services) visitService(service, visits, at);
    }
  };
  watchers.add((moment) => {
    if (moment === "before") visit();
  });
  return Object.assign(target, {
    traffic: async () => {
      visit();
      return [...counted.values()].map(trafficOf);
    },
  });
}

function countersOf(counted: Map<string, Counters>, service: string, version: string): Counters {
  const key = `${service} ${version}`;
  const known = counted.get(key) ?? { service, version, requests: 0, failed: 0, latencies: new Map() };
  counted.set(key, known);
  return known;
}

function trafficOf({ latencies, ...counters }: Counters): Traffic {
  const buckets = [...latencies].sort(([one], [other]) => one - other);
  return {
    ...counters,
    ...{ origin: "visitors", counters: "1" },
    latencies: buckets.map(([bucket, requests]) => ({ ...latencyBuckets(bucket), requests })),
  };
}
