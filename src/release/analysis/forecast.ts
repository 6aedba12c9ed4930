import type { Clock } from "../../model/clock.ts";
import type { Limit, Sample } from "../../model/metric.ts";
import type { Operation } from "../../model/plan.ts";
import type { Target } from "../../model/target.ts";
import { judgeLimit } from "./judge.ts";
import { fewestOf } from "./sample-size.ts";
import { ownFigures } from "./own-figures.ts";
import { servingIn } from "../observed.ts";
import { alphaOfTry } from "./spending.ts";
import { countOf } from "./statistics/quantiles.ts";
import { limitTitle } from "./titles.ts";

/** How long one step will take to find out what it has to know, as far as that can be told. */
export interface Forecast {
  /** Of the visitors, to the new version. */
  readonly percent: number;
  readonly service: string;
  readonly limit: string;
  /** Where its figures come from; null for the target itself. Others are asked in the rollout only. */
  readonly source: string | null;
  /** Requests of the new version; null where no number of them is known. */
  readonly needed: number | null;
  /** Of all visitors, as measured over the last `overSeconds`; both are null where nothing was. */
  readonly perSecond: number | null;
  readonly overSeconds: number | null;
  /** Null where that is not known. */
  readonly seconds: number | null;
  /** The hold, and how much longer it may take. */
  readonly holdSeconds: number;
  readonly extendSeconds: number;
}

/**
 * What each step of a plan needs to judge, by the traffic that there is now. It stands beside the plan: another hour has
 * other traffic.
 */
export async function forecast(
  operations: readonly Operation[],
  target: Pick<Target, "kind" | "observe" | "traffic">,
  clock: Clock,
): Promise<readonly Forecast[]> {
  const steps = operations.filter((operation) => operation.kind === "analyse");
  const measured = new Map<string, Measured | null>();
  const rows: Forecast[] = [];
  for (const { percent, limits, rule, holdSeconds, extendSeconds } of steps) {
    for (const { service, limit } of limits) {
      const key = `${service} ${JSON.stringify(limit)}`;
      // Null is an answer too: what is not counted is not asked for again.
      if (!measured.has(key)) measured.set(key, await measure(service, limit, target, clock));
      const known = measured.get(key);
      const fewest = fewestOf(limit, rule);
      const { needed } = judgeLimit(
        limit,
        service,
        { next: nothingOf(limit), baseline: known?.sample ?? nothingOf(limit) },
        {
          ...rule,
          alpha: alphaOfTry(rule.alpha, 0),
          atLeast: fewest,
          spent: 0,
          elapsed: { before: 0, now: 0 },
          ratio: (100 - percent) / percent,
          mayPass: false,
          isLast: false,
        },
      );
      const perSecond = known?.perSecond ?? null;
      const share = (perSecond ?? 0) * (percent / 100);
      const atLeast = needed === null ? null : Math.max(needed, fewest);
      rows.push({
        ...{ percent, service, limit: limitTitle(limit), source: limit.source },
        ...{ needed: atLeast, perSecond, overSeconds: known?.overSeconds ?? null },
        seconds: atLeast === null || share === 0 ? null : atLeast / share,
        ...{ holdSeconds, extendSeconds },
      });
    }
  }
  return rows;
}

interface Measured {
  readonly sample: Sample;
  readonly perSecond: number;
  readonly overSeconds: number;
}

/** What the target itself has counted of the version that serves; null where it has not. */
async function measure(
  service: string,
  limit: Limit,
  target: Pick<Target, "kind" | "observe" | "traffic">,
  clock: Clock,
): Promise<Measured | null> {
  if (limit.source !== null || target.traffic === undefined) return null;
  const serving = servingIn(await target.observe(), service);
  const [first] = serving;
  if (first === undefined) return null;
  const counted = await ownFigures(target).soFar({ limit, service, version: first.version });
  if (counted === null || requestsOf(counted.sample) === 0) return null;
  const since = Math.min(...serving.map(({ startedAt }) => Date.parse(startedAt)));
  const { seconds, requests } = counted.recent ?? {
    seconds: (clock.now().getTime() - since) / 1000,
    requests: requestsOf(counted.sample),
  };
  // A moment is no rate.
  if (seconds < 1) return null;
  return { sample: counted.sample, perSecond: requests / seconds, overSeconds: seconds };
}

function requestsOf(sample: Sample): number {
  switch (sample.kind) {
    case "counts":
      return sample.total;
    case "distribution":
      return countOf(sample);
    case "values":
      return sample.values.length;
  }
}

function nothingOf({ metric }: Limit): Sample {
  if (metric === "error-rate") return { kind: "counts", events: 0, total: 0 };
  return metric === "latency" ? { kind: "distribution", buckets: [] } : { kind: "values", values: [] };
}
