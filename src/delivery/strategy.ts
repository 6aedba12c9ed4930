import type { EnvironmentConfig } from "../config/config.ts";
import type { Limit } from "../model/metric.ts";
import type { Strategy, StrategyLimit } from "../release/release.ts";

type StrategyConfig = EnvironmentConfig["strategy"];
type CanaryConfig = Extract<StrategyConfig, { canary: unknown }>["canary"];
type LimitConfig = CanaryConfig["limits"][number];

/** What the config says of it, with all its defaults. */
export function strategyOf({ strategy }: Pick<EnvironmentConfig, "strategy">): Strategy {
  if ("rolling" in strategy) return { kind: "rolling", ...strategy.rolling };
  if ("blueGreen" in strategy) return { kind: "blue-green", ...strategy.blueGreen };
  const { weights, sticky, holdSeconds, limits, analysis } = strategy.canary;
  const { alphaPercent, powerPercent, expectedErrorPercent, whenInsufficient } = analysis;
  return {
    ...{ kind: "canary", weights, sticky, holdSeconds, limits: limits.map(limitOf) },
    analysis: {
      alpha: alphaPercent / 100,
      power: powerPercent / 100,
      expected: expectedErrorPercent / 100,
      atLeast: analysis.minimumRequests,
      lookSeconds: analysis.lookSeconds,
      failedLooks: analysis.failedLooks,
      sourceErrors: analysis.sourceErrors,
      extendSeconds: whenInsufficient.extendSeconds ?? 2 * holdSeconds,
      whenInsufficient: whenInsufficient.then,
    },
  };
}

function limitOf(config: LimitConfig): StrategyLimit {
  if ("errorRate" in config) {
    const { services = null, source, maxIncreasePoints, maxPercent = 0 } = config.errorRate;
    const bound = maxIncreasePoints === undefined ? { maxPercent } : { maxIncreasePoints };
    return { services, limit: { metric: "error-rate", source, bound } };
  }
  if ("latency" in config) {
    const { services = null, source, quantile, maxIncreasePercent, maxMilliseconds = 0 } = config.latency;
    const bound = maxIncreasePercent === undefined ? { maxMilliseconds } : { maxIncreasePercent };
    return { services, limit: { metric: "latency", source, quantile, bound } };
  }
  const { services = null, source, name, better, maxWorsePercent, worst = 0 } = config.value;
  const bound = maxWorsePercent === undefined ? { worst } : { maxWorsePercent };
  const limit: Limit = { metric: "value", source, name, better, bound };
  return { services, limit };
}
