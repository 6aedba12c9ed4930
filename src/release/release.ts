import type { Lease } from "../model/ledger.ts";
import type { ImageTag, Plan, PlannedMigration, Release, SmokeCheck } from "../model/plan.ts";
import type { Observation } from "../model/target.ts";
import { append, applyPlan, type ReleaseContext, type ReleaseOutcome } from "./apply/deployment.ts";
import { underLease } from "./apply/lease.ts";
import { planRelease, provenReleases, sameServices } from "./plan/plan.ts";
import {
  nothingBefore,
  requireDatabase,
  requireFresh,
  requireReversible,
  requireSafeMigrations,
  requireSecretsOf,
} from "./gates/under-lease.ts";
import { environmentState, releaseBefore, type EnvironmentState } from "./state.ts";

export type { ReleaseContext, ReleaseOutcome } from "./apply/deployment.ts";
export type { EnvironmentState } from "./state.ts";

/** A release whose evidence was accepted, and what comes with it. */
export interface Candidate {
  readonly release: Release;
  /** All migrations that its code has, oldest first. */
  readonly migrations: readonly PlannedMigration[];
  readonly smoke: readonly SmokeCheck[];
  readonly tags: readonly ImageTag[];
  readonly standIns: readonly string[];
  /** The environment's last change when the evidence was gathered: what was found then must still be about now. */
  readonly after: Plan["after"];
}

/** Brings the environment to the candidate, one journaled operation after the other, or back to where it was. */
export async function release(candidate: Candidate, context: ReleaseContext): Promise<ReleaseOutcome> {
  return underLease(
    { ...context, holder: context.actor, purpose: `deploy of ${candidate.release.version}` },
    async (lease, signal) => {
      requireFresh(candidate, await readState(context), context);
      const state = await closeUnfinished(context, lease);
      return run(candidate, state, context, { lease, signal, action: "deploy", reason: null });
    },
  );
}

interface Run {
  readonly lease: Lease;
  readonly signal: AbortSignal;
  readonly action: Plan["action"];
  readonly reason: string | null;
}

async function run(
  candidate: Candidate,
  state: EnvironmentState,
  context: ReleaseContext,
  held: Run,
): Promise<ReleaseOutcome> {
  const observed = await context.target.observe(context.secrets);
  requireDatabase(observed, state, context);
  const plan = planFor(candidate, state, observed, context.pipeline, held.action);
  requireSafeMigrations(plan, state, context);
  requireSecretsOf(plan, context);
  const same = plan.from !== null && sameServices(plan.from, plan.release);
  if (plan.operations.length === 0 && same && state.unsettled === null) {
    return { kind: "nothing to do", plan, urls: await context.target.urls() };
  }
  return applyPlan(plan, context, { ...held, proven: provenReleases(state) });
}

/** What `release` would do now. Changes nothing. */
export async function makePlan(
  candidate: Candidate,
  state: EnvironmentState,
  { pipeline, target, secrets }: Pick<ReleaseContext, "pipeline" | "target" | "secrets">,
): Promise<Plan> {
  return planFor(candidate, state, await target.observe(secrets), pipeline, "deploy");
}

function planFor(
  candidate: Candidate,
  state: EnvironmentState,
  observed: Observation,
  pipeline: string,
  action: Plan["action"],
): Plan {
  const applied = new Set(state.appliedMigrations.map((migration) => migration.name));
  return planRelease({
    action,
    pipeline,
    release: candidate.release,
    state,
    observed,
    pendingMigrations: candidate.migrations.filter((migration) => !applied.has(migration.name)),
    smoke: candidate.smoke,
    tags: candidate.tags,
    standIns: candidate.standIns,
  });
}

export async function readState(
  context: Pick<ReleaseContext, "environment" | "ledger">,
): Promise<EnvironmentState> {
  return environmentState(
    context.environment,
    await context.ledger.read({ environment: context.environment }),
  );
}

/** Brings back the release that was live, and proven good, before the one that is live now. */
export async function rollBack(
  context: ReleaseContext,
  options: { readonly reason: string },
): Promise<ReleaseOutcome> {
  return underLease({ ...context, holder: context.actor, purpose: "rollback" }, async (lease, signal) => {
    const state = await closeUnfinished(context, lease);
    const before = releaseBefore(state);
    if (before === null) throw nothingBefore(state, context);
    requireReversible(before.release, state, context);
    const candidate: Candidate = {
      ...before,
      migrations: [],
      tags: [],
      standIns: [],
      after: state.lastChange,
    };
    return run(candidate, state, context, { lease, signal, action: "rollback", reason: options.reason });
  });
}

/** Stops all that runs in the environment, and says so in the ledger. */
export async function stopEnvironment(
  context: ReleaseContext,
  options: { readonly removeData: boolean },
): Promise<void> {
  await underLease({ ...context, holder: context.actor, purpose: "shutdown" }, async (lease, signal) => {
    await closeUnfinished(context, lease);
    if (options.removeData) await append(context, lease, null, "data-removal-started", {});
    await context.progress.task(`stop ${context.environment}`, (task) =>
      context.target.stop(
        {
          fencingToken: lease.fencingToken,
          operationId: `down/${String(lease.fencingToken)}`,
          secrets: {},
          signal,
          report: (line) => {
            task.output(line);
          },
        },
        options,
      ),
    );
    await append(context, lease, null, "environment-stopped", { dataRemoved: options.removeData });
  });
}

/**
 * A deployment whose process died is closed by the next holder of the lease, so that history never lies.
 * @returns the state after that: nobody but the holder changes it from here on
 */
async function closeUnfinished(context: ReleaseContext, lease: Lease): Promise<EnvironmentState> {
  const state = await readState(context);
  const { unfinished } = state;
  if (unfinished === null) return state;
  const done = unfinished.operations.filter((operation) => operation.state === "done").length;
  const message = `its process ended after ${String(done)} finished operations`;
  await append(context, lease, unfinished.id, "deployment-abandoned", { message });
  context.progress.note(
    `${unfinished.id} (${unfinished.release.version}) did not end: ${message}. Continuing from what runs.`,
  );
  return readState(context);
}
