import type { EnvironmentConfig } from "../../config/config.ts";
import { hashOf, type Json } from "../../model/canonical-json.ts";
import type { AllowedSigners } from "./approvals/approvals.ts";

/** The part of an environment's config that decides what may be deployed there, when, and with whose consent. */
export type Policy = Pick<
  EnvironmentConfig,
  | "branch"
  | "tags"
  | "after"
  | "soakMinutes"
  | "windows"
  | "freezes"
  | "checklist"
  | "approvals"
  | "emergency"
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
  const { branch, tags, after, soakMinutes, windows, freezes, checklist, approvals, emergency } = settings;
  return { branch, tags, after, soakMinutes, windows, freezes, checklist, approvals, emergency };
}

/** Asks for nothing. */
export const openPolicy: Policy = {
  branch: null,
  tags: null,
  after: null,
  soakMinutes: 0,
  windows: [],
  freezes: [],
  checklist: [],
  approvals: null,
  emergency: null,
};

/** Whether anybody, any time, may deploy anything: then nothing is lost where the rules cannot be read again. */
export function asksForNothing(policy: Policy): boolean {
  const { branch, tags, after, windows, freezes, checklist, approvals } = policy;
  return (
    [branch, tags, after, approvals].every((rule) => rule === null) &&
    windows.length + freezes.length + checklist.length === 0
  );
}

export function policyHash({ policy, signers }: PolicyInForce): string {
  return hashOf({ policy, signers } as unknown as Json);
}
