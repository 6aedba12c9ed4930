import type { Plan, RestoreOperation } from "../model/plan.ts";
import type { Observation } from "../model/target.ts";
import type { ReleaseContext } from "./apply/context.ts";
import type { Candidate } from "./candidate.ts";
import { planRelease } from "./plan/plan.ts";
import type { EnvironmentState } from "./state.ts";
import { requireCapable } from "./strategies/strategies.ts";

/** What `release` would do now. Changes nothing. */
export async function makePlan(
  candidate: Candidate,
  state: EnvironmentState,
  context: Pick<ReleaseContext, "secrets"> & Planning,
): Promise<Plan> {
  const observed = await context.target.observe(context.secrets);
  return planFor(candidate, state, observed, context, { action: "deploy" });
}

type Planning = Pick<
  ReleaseContext,
  | "pipeline"
  | "environment"
  | "target"
  | "strategy"
  | "gating"
  | "timeouts"
  | "afterRelease"
  | "backupPolicy"
  | "maintenance"
>;

/** The plan of what a candidate is to an environment, as it was observed. */
export function planFor(
  candidate: Candidate,
  state: EnvironmentState,
  observed: Observation,
  context: Planning,
  { action, restore }: { readonly action: Plan["action"]; readonly restore?: RestoreOperation | undefined },
): Plan {
  const { pipeline, target, gating, timeouts, afterRelease, backupPolicy, maintenance = "never" } = context;
  const { strategy } = context;
  if (strategy !== undefined) requireCapable(strategy, target, context.environment);
  const applied = new Set(state.appliedMigrations.map((migration) => migration.name));
  return planRelease({
    ...candidate,
    action,
    pipeline,
    state,
    observed,
    rollout: target.rollout,
    strategy,
    pendingMigrations: candidate.migrations.filter((migration) => !applied.has(migration.name)),
    gating,
    timeouts,
    afterRelease,
    maintenance,
    backup: backupPolicy ?? null,
    restore: restore ?? null,
  });
}
