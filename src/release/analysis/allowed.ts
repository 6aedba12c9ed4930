import type { Limit } from "../../model/metric.ts";

export interface Allowed {
  /** The limit as a number, in the unit in which looks are written down. */
  readonly allowed: number;
  readonly unit: string;
  readonly worse: "up" | "down";
  /** True for a difference from what serves beside, where nothing is as good as 0. */
  readonly isDifference: boolean;
}

export function allowedBy(limit: Limit): Allowed {
  const { bound } = limit;
  const difference = { worse: "up", isDifference: true } as const;
  const figure = { worse: "up", isDifference: false } as const;
  if ("maxIncreasePoints" in bound)
    return { allowed: bound.maxIncreasePoints, unit: "points", ...difference };
  if ("maxIncreasePercent" in bound) return { allowed: bound.maxIncreasePercent, unit: "%", ...difference };
  if ("maxWorsePercent" in bound) return { allowed: bound.maxWorsePercent, unit: "% worse", ...difference };
  if ("maxPercent" in bound) return { allowed: bound.maxPercent, unit: "%", ...figure };
  if ("maxMilliseconds" in bound) return { allowed: bound.maxMilliseconds, unit: "ms", ...figure };
  const isHigherBetter = limit.metric === "value" && limit.better === "higher";
  return { allowed: bound.worst, unit: "", ...figure, worse: isHigherBetter ? "down" : "up" };
}
