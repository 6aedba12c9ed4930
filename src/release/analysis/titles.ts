import { unreachable } from "../../model/errors.ts";
import type { AnalysisRecord, Limit } from "../../model/metric.ts";
import type { AnalyseOperation } from "../../model/plan.ts";
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
      return "maxPercent" in limit.bound
        ? `errors up to ${digits(limit.bound.maxPercent)} %`
        : `errors +${digits(limit.bound.maxIncreasePoints)} points`;
    case "latency": {
      const name = `p${digits(100 * limit.quantile)}`;
      return "maxMilliseconds" in limit.bound
        ? `${name} up to ${digits(limit.bound.maxMilliseconds)} ms`
        : `${name} +${digits(limit.bound.maxIncreasePercent)} %`;
    }
    case "value":
      return "worst" in limit.bound
        ? `${limit.name} ${limit.better === "lower" ? "up to" : "down to"} ${digits(limit.bound.worst)}`
        : `${limit.name} ${limit.better === "lower" ? "+" : "-"}${digits(limit.bound.maxWorsePercent)} %`;
    default:
      return unreachable(limit);
  }
}

function duration(seconds: number): string {
  return seconds < 120 ? `${String(seconds)} s` : `${String(Math.round(seconds / 60))} min`;
}
