import type { GateName, Plan, PlannedChanges, PlannedPolicy, Requirement } from "../../model/plan.ts";
import type { LedgerEvent } from "../../model/ledger.ts";
import type { Evidence } from "../../model/evidence.ts";
import type { RunChecklist } from "./checklist.ts";
import { approvedChanges, judgeGates, type GateJudgement, type ProvenBefore } from "./judge.ts";
import { openPolicy, type Policy, policyHash, type PolicyInForce } from "./policy.ts";
import { requirementsOf, type Emergency } from "./requirements.ts";

/** What is known, when a call begins, of all that the gates will ask. */
export interface Gating {
  readonly inForce: PolicyInForce;
  /** The rules that this commit brings: in force for the next one, once it is proven. */
  readonly brings: Policy;
  /**
   * Hash of the rules that come into force once it is proven, here or in an environment further on; null where they are
   * the same, and where nobody can tell.
   */
  readonly newRules: string | null;
  readonly before: ProvenBefore | null;
  readonly requester: { readonly name: string; readonly email: string | null } | null;
  /** Tags of the commit. */
  readonly tags: readonly string[];
  readonly emergency: Emergency | null;
  readonly changes: PlannedChanges;
  /** What runs the scripts of the checklist; without it they are not known to pass. */
  readonly runChecklist?: RunChecklist;
}

/** The part of a plan that the gates are judged by. */
export function gatesOfPlan(
  gating: Gating,
  plan: Pick<Plan, "action" | "operations">,
): {
  gates: readonly Requirement[];
  policy: PlannedPolicy;
  emergency: Emergency | null;
  changes: PlannedChanges;
} {
  const { inForce, emergency, changes } = gating;
  const asked = requirementsOf(inForce.policy, { ...approvedChanges(plan), emergency });
  return {
    // What was proven here before needs no branch, no proof elsewhere, and was gone through then.
    gates: plan.action === "deploy" ? asked : asked.filter(({ gate }) => !ofNewReleases.includes(gate)),
    policy: {
      hash: policyHash(inForce),
      commit: inForce.commit,
      ...(plan.action === "deploy" && gating.newRules !== null ? { brings: gating.newRules } : {}),
    },
    emergency,
    // What is checked out is not what comes: nothing is new in a release that was here before.
    changes: plan.action === "deploy" ? changes : { complete: true, commits: [] },
  };
}

const ofNewReleases: readonly GateName[] = ["branch", "promotion", "checklist"];

export function judgePlan(
  plan: Plan,
  hash: string,
  gating: Gating,
  facts: {
    readonly events: readonly LedgerEvent[];
    readonly now: Date;
    /** Of the scripts of the plan's checklist. @default none were run */
    readonly checklist?: readonly Evidence[];
  },
): Promise<GateJudgement[]> {
  const { before, requester, tags, inForce } = gating;
  return judgeGates(plan, hash, inForce, { checklist: [], ...facts, before, requester, tags });
}

/** For an environment that asks for nothing. */
export const ungated: Gating = {
  inForce: { policy: openPolicy, commit: null, signers: null },
  brings: openPolicy,
  newRules: null,
  before: null,
  requester: null,
  tags: [],
  emergency: null,
  changes: { complete: true, commits: [] },
};
