import type { ReviewLimits } from "../../model/plan.ts";
import type { Traffic } from "../../model/target.ts";
import { grownSince, together, type Counted } from "../counted.ts";

export interface CountedTraffic {
  /** Which limit was exceeded, or could not be judged; empty where all are kept. */
  readonly over: readonly string[];
  /** For people and the record: what was counted. */
  readonly says: string;
}

/**
 * Judges what was counted between two looks: what visitors asked, and by itself what services asked each other; what Fairway
 * asked says nothing of either. What cannot be told from the counters is never a pass: no visitor at all, counters that began
 * anew, a limit in the middle of a bucket of latencies.
 */
export function overLimits(
  limits: ReviewLimits,
  before: readonly Traffic[],
  after: readonly Traffic[],
  serving: readonly { readonly service: string; readonly version: string }[],
): CountedTraffic {
  const counted = after
    .filter((one) => one.origin !== "fairway" && serving.some((other) => isOf(one, other)))
    .map((one) => ({
      ...one,
      ...grownSince(
        before.find((other) => isSame(one, other)),
        one,
      ),
    }));
  const names = new Set([...before, ...after].map(({ counters }) => counters));
  if (names.size > 1) {
    return {
      over: ["the counters began anew in between: nobody knows what failed"],
      says: "counters began anew",
    };
  }
  const visits = counted.filter(({ origin }) => origin === "visitors");
  if (visits.every((one) => one.requests === 0)) {
    return {
      over: ["no request of a visitor was counted, so nothing is known of the answers"],
      says: "0 requests of visitors",
    };
  }
  const asked = counted.filter((one) => one.requests > 0);
  const several = new Set(asked.map(({ service }) => service)).size > 1;
  // Each by itself: one that is asked much must not hide another.
  const over = groups(asked).flatMap((own) =>
    overLimitsOf(limits, own).map((text) => {
      const { service = "", origin = "visitors" } = own[0] ?? {};
      const by = origin === "services" ? `${service}, asked by services` : service;
      return several || origin === "services" ? `${by}: ${text}` : text;
    }),
  );
  const { requests, percent, failed, p95 } = figuresOf(visits);
  return {
    over,
    says: `${String(requests)} requests of visitors, ${String(failed)} failed (${rounded(percent)} %), p95 ${between(p95)}`,
  };
}

/** By service and who asked. */
function groups(counted: readonly Traffic[]): Traffic[][] {
  const found = new Map<string, Traffic[]>();
  for (const one of counted) {
    const key = `${one.service}/${one.origin}`;
    found.set(key, [...(found.get(key) ?? []), one]);
  }
  return [...found.values()];
}

function figuresOf(counted: readonly Counted[]) {
  const { requests, failed, latencies } = together(counted);
  return { requests, failed, percent: (100 * failed) / requests, p95: quantile(latencies, 0.95) };
}

function overLimitsOf(limits: ReviewLimits, counted: readonly Traffic[]): readonly string[] {
  const { requests, percent, p95 } = figuresOf(counted);
  const over: string[] = [];
  if (limits.errorRatePercent !== null && percent > limits.errorRatePercent) {
    over.push(
      `${rounded(percent)} % of ${String(requests)} requests failed, and ${rounded(limits.errorRatePercent)} % is the limit`,
    );
  }
  if (limits.p95Milliseconds !== null && p95.upToMs > limits.p95Milliseconds) {
    over.push(
      p95.overMs >= limits.p95Milliseconds
        ? `the p95 of ${String(requests)} requests is over ${rounded(p95.overMs)} ms, and ${rounded(limits.p95Milliseconds)} ms is the limit`
        : `the p95 of ${String(requests)} requests is ${between(p95)}, and whether that is over ${rounded(limits.p95Milliseconds)} ms cannot be told`,
    );
  }
  return over;
}

type Named = Pick<Traffic, "service" | "version">;

function isOf(one: Named, other: Named): boolean {
  return one.service === other.service && one.version === other.version;
}

function isSame(one: Traffic, other: Traffic): boolean {
  return isOf(one, other) && one.origin === other.origin;
}

interface Bounds {
  readonly overMs: number;
  /** Infinity for the last bucket. */
  readonly upToMs: number;
}

/** A histogram tells between which bounds a quantile lies, and no more. */
function quantile(buckets: Counted["latencies"], share: number): Bounds {
  const rank = Math.ceil(share * sum(buckets.map(({ requests }) => requests)));
  let reached = 0;
  for (const { overSeconds, upToSeconds, requests } of buckets) {
    reached += requests;
    if (reached < rank) continue;
    return { overMs: 1000 * overSeconds, upToMs: upToSeconds === null ? Infinity : 1000 * upToSeconds };
  }
  return { overMs: 0, upToMs: Infinity };
}

function between({ overMs, upToMs }: Bounds): string {
  return upToMs === Infinity
    ? `over ${rounded(overMs)} ms`
    : `between ${rounded(overMs)} and ${rounded(upToMs)} ms`;
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}

function rounded(number: number): string {
  return String(Math.round(number * 10) / 10);
}
