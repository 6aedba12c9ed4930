import type { LimitVerdict, Look } from "./metric.ts";
import type { Operation } from "./plan.ts";

/** How far a rollout has come that takes visitors from one version to another: for whoever watches it. It is kept nowhere. */
export interface RolloutStanding {
  /** All of the plan's. */
  readonly operations: readonly Operation[];
  /** The place of the one that runs: those before it are done. */
  readonly index: number;
  /** The version that served before; null where nothing did. */
  readonly from: string | null;
  /** What is seen of the new version; null while nobody judges it. */
  readonly hold: HoldStanding | null;
}

/** Times are milliseconds since 1970. */
export interface HoldStanding {
  readonly begunAt: number;
  /** Nothing passes before. */
  readonly passesAt: number;
  /** After that a person decides. */
  readonly endsAt: number;
  /** By service: the version that serves beside. */
  readonly baseline: Readonly<Record<string, string>>;
  /** Oldest first. */
  readonly looks: readonly Look[];
  /** What the last look saw, in the order of the operation's limits; none before the first. */
  readonly seen: readonly Seen[];
  /** What is wrong with its replicas; null for nothing. */
  readonly sick: string | null;
}

/** One limit at one look; why not, where its source could not be read. */
export type Seen = { readonly verdict: LimitVerdict } | { readonly verdict: null; readonly why: string };
