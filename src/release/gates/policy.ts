import type { EnvironmentConfig, FindingsConfig } from "../../config/config.ts";
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
  | "optional"
> & {
  /** What becomes of findings; null where nobody wrote it down: then as the commit says that comes. */
  readonly findings: Pick<FindingsConfig, "severities" | "sprint" | "unverifiedSecrets"> | null;
};

/** The rules that count for a plan: those of the last commit that was proven in its environment. */
export interface PolicyInForce {
  readonly policy: Policy;
  /** Null for the environment's first deploy, which brings its own. */
  readonly commit: string | null;
  /** Null where nobody has to approve. */
  readonly signers: AllowedSigners | null;
}

/** @param findings those of its environment, with what the whole config says of them */
export function policyOf(settings: Omit<Policy, "findings">, findings: Policy["findings"] = null): Policy {
  const { branch, tags, after, soakMinutes, windows, freezes, checklist, approvals, emergency, optional } =
    settings;
  return {
    ...{ branch, tags, after, soakMinutes, windows, freezes, checklist, approvals, emergency },
    optional: [...optional].sort(),
    findings: findings === null ? null : treatmentsOf(findings),
  };
}

/** Without the place of the suppressions, which decides nothing. */
function treatmentsOf({ severities, sprint, unverifiedSecrets }: NonNullable<Policy["findings"]>) {
  return { severities, sprint, unverifiedSecrets };
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
  optional: [],
  findings: null,
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
