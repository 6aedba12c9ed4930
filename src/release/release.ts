import type { Plan } from "../model/plan.ts";
import type { ReleaseContext, ReleaseOutcome } from "./apply/context.ts";
import { underLease } from "./apply/lease.ts";
import type { Candidate } from "./candidate.ts";
import { requireFresh } from "./gates/under-lease.ts";
import { readState } from "./read-state.ts";
import { run } from "./run.ts";

export type { ReleaseContext, ReleaseOutcome } from "./apply/context.ts";
export { planRestore, planRollback, restore, rollBack, type RollbackWish } from "./back.ts";
export { maintain, stopEnvironment, type DoneByHand } from "./by-hand.ts";
export type { Candidate } from "./candidate.ts";
export { makePlan } from "./planning.ts";
export { readState } from "./read-state.ts";
export type { EnvironmentState } from "./state.ts";
export type { Strategy, StrategyLimit } from "./strategies/strategies.ts";
export { abort, resume } from "./unsettled.ts";

/** Brings the environment to the candidate, one journaled operation after the other, or back to where it was. */
export async function release(
  candidate: Candidate,
  context: ReleaseContext,
  /** Only this plan may be applied. */
  given?: Plan,
): Promise<ReleaseOutcome> {
  return underLease(
    { ...context, holder: context.actor, purpose: `deploy of ${candidate.release.version}` },
    async (lease, signal) => {
      const state = await readState(context);
      requireFresh(candidate, state, context);
      return run(candidate, state, context, { lease, signal, action: "deploy", reason: null, given });
    },
  );
}
