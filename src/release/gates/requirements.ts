import { approvalPolicyFor, type ApprovedChanges } from "../../config/config.ts";
import type { Json } from "../../model/canonical-json.ts";
import type { GateName, Requirement } from "../../model/plan.ts";
import type { Policy } from "./policy.ts";

/** Why the usual gates are passed by, and where that is followed up. */
export interface Emergency {
  readonly reason: string;
  readonly ticket: string;
}

/** What a policy asks of a plan, gate by gate, in the order in which they are told. */
export function requirementsOf(
  policy: Policy,
  plan: ApprovedChanges & { readonly emergency: Emergency | null },
): Requirement[] {
  const asked: [GateName, Json | null][] = [
    ["emergency", plan.emergency === null ? null : { skips: policy.emergency?.skips ?? [] }],
    ["branch", branchAsks(policy)],
    ["promotion", policy.after === null ? null : { after: policy.after, soakMinutes: policy.soakMinutes }],
    ["windows", windowsAsk(policy)],
    ["checklist", policy.checklist.length === 0 ? null : { items: policy.checklist as unknown as Json }],
    ["approvals", approvalsAsk(policy, plan)],
  ];
  const skipped = plan.emergency === null ? [] : (policy.emergency?.skips ?? []);
  return asked.flatMap(([gate, asks]) =>
    asks === null ? [] : [{ gate, asks, ...(isSkipped(gate, skipped) ? { skipped: true } : {}) }],
  );
}

/** The approvals that count in an emergency are those of its own group, where it has one. */
export function approvalsAskedOf(policy: Policy, emergency: Emergency | null) {
  return emergency === null ? policy.approvals : (policy.emergency?.approvals ?? policy.approvals);
}

function isSkipped(gate: GateName, skipped: readonly string[]): boolean {
  return skipped.includes(gate);
}

function branchAsks({ branch, tags }: Policy): Json | null {
  return branch === null && tags === null ? null : { branch, tags };
}

function windowsAsk({ windows, freezes }: Policy): Json | null {
  return windows.length + freezes.length === 0 ? null : ({ windows, freezes } as unknown as Json);
}

function approvalsAsk(
  policy: Policy,
  { emergency, ...changes }: ApprovedChanges & { readonly emergency: Emergency | null },
): Json | null {
  const approvals = approvalsAskedOf(policy, emergency);
  return approvals === null ? null : approvalPolicyFor(approvals, changes);
}
