import type { EnvironmentConfig } from "../../config/config.ts";
import { hashOf, type Json } from "../../model/canonical-json.ts";
import type { AllowedSigners } from "./approvals/approvals.ts";

/** The part of an environment's config that decides what may be deployed there, when, and with whose consent. */
export type Policy = Pick<
  EnvironmentConfig,
  "branch" | "tags" | "after" | "soakMinutes" | "windows" | "freezes" | "approvals" | "emergency"
>;

/** The rules that count for a plan: those of the last commit that was proven in its environment. */
export interface PolicyInForce {
  readonly policy: Policy;
  /** Null for the environment's first deploy, which brings its own. */
  readonly commit: string | null;
  /** Null where nobody has to approve. */
  readonly signers: AllowedSigners | null;
}

export function policyOf(settings: Policy): Policy {
  const { branch, tags, after, soakMinutes, windows, freezes, approvals, emergency } = settings;
  return { branch, tags, after, soakMinutes, windows, freezes, approvals, emergency };
}

export function policyHash({ policy, signers }: PolicyInForce): string {
  return hashOf({ policy, signers } as unknown as Json);
}
