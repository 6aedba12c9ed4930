import type { Problem } from "../problems.ts";
import type { Config } from "../schema.ts";

/** One thing that must hold between parts of a config. Answers everything that is wrong, not the first. */
export type Rule = (config: Config, names: KnownNames) => readonly Problem[];

/** Names as written, so that a service with a fault of its own still counts as a service. */
export interface KnownNames {
  readonly services: readonly string[];
  /** Checks of the team's own, which stand beside those of the config. */
  readonly ownChecks: readonly OwnCheck[];
}

export interface OwnCheck {
  readonly name: string;
  readonly needs?: readonly string[];
}
