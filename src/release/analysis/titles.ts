import { unreachable } from "../../model/errors.ts";
import { comparesWithBaseline, type AnalysisRecord, type Limit } from "../../model/metric.ts";
import type { AnalyseOperation } from "../../model/plan.ts";
import { duration } from "../duration.ts";
import { digits } from "./words.ts";

/** An analysis as people see it in the plan, the progress and the history. */
export function analysisTitle({ percent, holdSeconds, limits }: AnalyseOperation): string {
  const judged = [...new Set(limits.map(({ limit }) => limitTitle(limit)))].join(", ");
  return `hold at ${digits(percent)} % for ${duration(holdSeconds)} and judge ${judged}`;
}

/** What was seen at the last look, limit by limit. */
export function analysisLines({ percent, verdicts }: AnalysisRecord): readonly string[] {
  return verdicts.map(({ service, says }) => `${service} at ${digits(percent)} %: ${says}`);
}

/** `p99 +20 %` */
export function limitTitle(limit: Limit): string {
  switch (limit.metric) {
    case "error-rate":
      return comparesWithBaseline(limit.bound)
        ? `errors +${digits(limit.bound.maxIncreasePoints)} points`
        : `errors up to ${digits(limit.bound.maxPercent)} %`;
    case "latency": {
      const name = `p${digits(100 * limit.quantile)}`;
      return comparesWithBaseline(limit.bound)
        ? `${name} +${digits(limit.bound.maxIncreasePercent)} %`
        : `${name} up to ${digits(limit.bound.maxMilliseconds)} ms`;
    }
    case "value":
      return comparesWithBaseline(limit.bound)
        ? `${limit.name} ${limit.better === "lower" ? "+" : "-"}${digits(limit.bound.maxWorsePercent)} %`
        : `${limit.name} ${limit.better === "lower" ? "up to" : "down to"} ${digits(limit.bound.worst)}`;
    default:
      return unreachable(limit);
  }
}
