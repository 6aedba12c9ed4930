import type { DependencyCheck } from "./plan.ts";

/** What one look at a dependency found out. */
export interface DependencyAnswer {
  /** `insufficient`: it could not be looked at, so nothing is known of it; never a pass. */
  readonly verdict: "pass" | "fail" | "insufficient";
  /** For people, without secrets: `answered 503 instead of 200`. */
  readonly says: string;
  /** True where asking again in a moment would be answered the same. @default false */
  readonly lasting?: boolean;
}

export interface DependencyQuestion {
  /** Values of secrets by name. */
  readonly secrets: Readonly<Record<string, string>>;
  readonly now: Date;
  /** Milliseconds until there has to be an answer. */
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
}

/** Asks once. Rejects only when the signal is aborted. */
export type DependencyProbe = (
  check: DependencyCheck,
  question: DependencyQuestion,
) => Promise<DependencyAnswer>;
