import type { Plan } from "../model/plan.ts";
import type { ReleaseContext, ReleaseOutcome } from "./apply/context.ts";
import { underLease } from "./apply/lease.ts";
import {
  backupOfPlan,
  chosenBackup,
  requireConfirmed,
  restorable,
  restoreOperation,
} from "./backup/choice.ts";
import type { Candidate } from "./candidate.ts";
import { nothingBefore, notInLine, requireReversible } from "./gates/under-lease.ts";
import { requireNothingSince } from "./plan/same-plan.ts";
import { planFor } from "./planning.ts";
import { readState } from "./read-state.ts";
import { run } from "./run.ts";
import { releaseBefore, releaseInLine, type EnvironmentState, type ProvenRelease } from "./state.ts";

export interface RollbackWish {
  /** The deployment or version to go back to; `""` for the one before the live one. */
  readonly to: string;
}

/** Brings back the release that was live, and proven good, before the one that is live now; or the one that is named. */
export async function rollBack(
  context: ReleaseContext,
  options: Partial<RollbackWish> & {
    readonly reason: string;
    /** Only this plan may be applied. */
    readonly given?: Plan | undefined;
  },
): Promise<ReleaseOutcome> {
  const { reason, given, to = given?.release.version ?? "" } = options;
  return underLease({ ...context, holder: context.actor, purpose: "rollback" }, async (lease, signal) => {
    const state = await readState(context);
    if (given !== undefined) requireNothingSince(given, state, context.command);
    const candidate = await earlier(state, { to }, context);
    return run(candidate, state, context, { lease, signal, action: "rollback", reason, given });
  });
}

/** What `rollBack` would do now. Changes nothing. */
export async function planRollback(context: ReleaseContext, wish: RollbackWish): Promise<Plan> {
  const state = await readState(context);
  const observed = await context.target.observe(context.secrets);
  const candidate = await earlier(state, wish, context);
  return planFor(candidate, state, observed, context, { action: "rollback" });
}

async function earlier(
  state: EnvironmentState,
  { to }: RollbackWish,
  context: ReleaseContext,
): Promise<Candidate> {
  const before = to === "" ? releaseBefore(state) : releaseInLine(state, to);
  if (before === undefined) throw notInLine(to, state, context);
  if (before === null) throw nothingBefore(state, context);
  requireReversible(before.release, state, context, await restorable(state, context));
  return asItWas(before, state);
}

/**
 * Brings back the database that a backup has, with the release that was live when it was made: code and data of before. What
 * was written since is not in it.
 */
export async function restore(
  context: ReleaseContext,
  options: {
    readonly reason: string;
    /** Its id; `""` for the newest, or the plan's. */
    readonly backup: string;
    readonly confirm: boolean;
    /** Only this plan may be applied. */
    readonly given?: Plan | undefined;
  },
): Promise<ReleaseOutcome> {
  const { reason, given, backup } = options;
  return underLease({ ...context, holder: context.actor, purpose: "restore" }, async (lease, signal) => {
    const state = await readState(context);
    const chosen = await chosenBackup(backup === "" ? backupOfPlan(given) : backup, state, context);
    requireConfirmed(chosen, options, context);
    const operation = restoreOperation(chosen.backup, context);
    return run(asItWas(chosen.of, state), state, context, {
      ...{ lease, signal, action: "restore", reason, given, restore: operation },
    });
  });
}

/** What `restore` would do now. Changes nothing. */
export async function planRestore(context: ReleaseContext, wish: { readonly backup: string }): Promise<Plan> {
  const state = await readState(context);
  const chosen = await chosenBackup(wish.backup, state, context);
  const observed = await context.target.observe(context.secrets);
  const operation = restoreOperation(chosen.backup, context);
  return planFor(asItWas(chosen.of, state), state, observed, context, {
    action: "restore",
    restore: operation,
  });
}

/** A release that was proven here, to be brought back. */
function asItWas(proven: ProvenRelease, { lastChange }: EnvironmentState): Candidate {
  return { ...proven, migrations: [], tags: [], standIns: [], after: lastChange };
}
