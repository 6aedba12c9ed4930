import type { AnalysisRule, AnalyseOperation } from "../../model/plan.ts";
import type { Limit } from "../../model/metric.ts";

/** How visitors get from one version to the next. */
export type Strategy = RollingStrategy | BlueGreenStrategy | CanaryStrategy;

/** One batch of replicas after the other. */
export interface RollingStrategy {
  readonly kind: "rolling";
  /** Replicas of a service that may run above their number. */
  readonly maxSurge: number;
  /** Replicas of a service that may be stopped before their successors are ready. */
  readonly maxUnavailable: number;
}

/** All visitors at once, to replicas that were started and tested beside those that serve. */
export interface BlueGreenStrategy {
  readonly kind: "blue-green";
  /** For so long what served before stays ready for a switch back. */
  readonly bakeSeconds: number;
}

/** More and more visitors, while what they get is as good as what the others get. */
export interface CanaryStrategy {
  readonly kind: "canary";
  /** Percent, from one step to the next; the last is 100. */
  readonly weights: readonly number[];
  readonly sticky: boolean;
  readonly limits: readonly StrategyLimit[];
  readonly holdSeconds: number;
  readonly analysis: CanaryAnalysis;
}

export interface StrategyLimit {
  readonly limit: Limit;
  /** Null for all that change. */
  readonly services: readonly string[] | null;
}

export interface CanaryAnalysis
  extends
    Omit<AnalysisRule, "alpha">,
    Pick<
      AnalyseOperation,
      "extendSeconds" | "lookSeconds" | "failedLooks" | "sourceErrors" | "whenInsufficient"
    > {
  /** Of the whole rollout. */
  readonly alpha: number;
}
