import type { Limit, LimitVerdict, Sample } from "../../../src/model/metric.ts";
import type { AnalyseOperation, Operation } from "../../../src/model/plan.ts";
import type { HoldStanding, RolloutStanding, Seen } from "../../../src/model/rollout.ts";
import { judgeLimit } from "../../../src/release/analysis/analysis.ts";

export const errors: Limit = {
  metric: "error-rate",
  source: null,
  bound: { maxIncreasePoints: 0.5 },
};
export const p99: Limit = {
  metric: "latency",
  source: null,
  quantile: 0.99,
  bound: { maxIncreasePercent: 20 },
};
export const orders: Limit = {
  ...{ metric: "value", source: "shop", name: "orders a minute", better: "higher" },
  bound: { worst: 40 },
};

const rule = { alpha: 0.005, power: 0.9, expected: 0.001, atLeast: 100 };
const services = ["api", "web"];
const [version, from] = ["4f2a9c1", "77ab310"];

function analyse(percent: number): AnalyseOperation {
  return {
    ...{ kind: "analyse", version, percent, rule, holdSeconds: 900, extendSeconds: 1800, lookSeconds: 30 },
    limits: [
      { service: "api", limit: errors },
      { service: "api", limit: p99 },
      { service: "web", limit: errors },
      { service: "web", limit: orders },
    ],
    ...{ failedLooks: 1, sourceErrors: 4, whenInsufficient: "hold" },
  };
}

/** 5 %, 25 %, then all; the analyses are at 4 and 7. */
export const canary: readonly Operation[] = [
  { kind: "tag-images", tags: [] },
  ...services.map((service): Operation => ({ kind: "start-beside", service, version, replicas: 1 })),
  { kind: "set-weight", version, services, percent: 5, sticky: false },
  analyse(5),
  { kind: "start-beside", service: "api", version, replicas: 2 },
  { kind: "set-weight", version, services, percent: 25, sticky: false },
  analyse(25),
  { kind: "set-weight", version, services, percent: 100, sticky: false },
  ...services.map((service): Operation => ({ kind: "take-over", service, version })),
];

export const blueGreen: readonly Operation[] = [
  { kind: "start-beside", service: "api", version, replicas: 2 },
  { kind: "smoke", side: "beside", checks: [] },
  { kind: "set-weight", version, services: ["api"], percent: 100, sticky: false },
  { kind: "watch", seconds: 60, rollBackOn: ["health"], smoke: [], reviewOn: null },
  { kind: "take-over", service: "api", version },
];

export function standing(index: number, fields: Partial<RolloutStanding> = {}): RolloutStanding {
  return { operations: canary, index, from, hold: null, ...fields };
}

/** 8 minutes into a hold of 15, which may take 30 more; times count from 0. */
export function hold(seen: readonly Seen[], fields: Partial<HoldStanding> = {}): HoldStanding {
  const limits = seen.map(({ verdict }) => verdict);
  return {
    ...{ begunAt: 0, passesAt: 900_000, endsAt: 2_700_000, baseline: { api: from, web: from } },
    ...{ looks: [{ at: "2026-01-01T00:00:00Z", limits, spent: [] }], seen, sick: null, ...fields },
  };
}

export function verdict(
  service: string,
  limit: Limit,
  next: Sample,
  baseline: Sample | null,
  mayPass = false,
): { readonly verdict: LimitVerdict } {
  const elapsed = { before: 0, now: 0.2 };
  const look = { ...rule, elapsed, spent: 0, ratio: 3, mayPass, isLast: false };
  return { verdict: judgeLimit(limit, service, { next, baseline }, look) };
}

export function counts(events: number, total: number): Sample {
  return { kind: "counts", events, total };
}

/** So many latencies around a median, spread evenly over half of it to twice of it. */
export function latencies(total: number, median: number): Sample {
  const buckets = Array.from({ length: total }, (_, index) => {
    const at = median * (0.5 + (1.5 * index) / total);
    return { above: at, upTo: at, count: 1 };
  });
  return { kind: "distribution", buckets };
}

export function values(...numbers: number[]): Sample {
  return { kind: "values", values: numbers };
}
