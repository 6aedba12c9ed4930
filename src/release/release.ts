import type { Json } from "../model/canonical-json.ts";
import { failure } from "../model/errors.ts";
import type { Lease } from "../model/ledger.ts";
import type {
  DependencyCheck,
  ImageTag,
  Plan,
  PlannedMigration,
  Release,
  RestoreOperation,
  SmokeCheck,
} from "../model/plan.ts";
import type { Observation } from "../model/target.ts";
import { append, type Held, type ReleaseContext, type ReleaseOutcome } from "./apply/context.ts";
import { abortDeployment, applyPlan, resumeDeployment } from "./apply/deployment.ts";
import {
  backupOfPlan,
  chosenBackup,
  requireConfirmed,
  restorable,
  restoreOperation,
} from "./backup/choice.ts";
import { underLease } from "./apply/lease.ts";
import type { NoteEventType } from "./journal.ts";
import { checklistEvidence } from "./gates/checklist.ts";
import { judgePlan } from "./gates/gating.ts";
import { withoutOutput, type GateJudgement } from "./gates/judge.ts";
import { requireOpenGates } from "./gates/require-open.ts";
import { byHand } from "./plan/maintenance.ts";
import { planHash, planRelease, provenReleases, sameServices } from "./plan/plan.ts";
import { requireSamePlan } from "./plan/same-plan.ts";
import {
  cannotMaintain,
  nothingBefore,
  notInLine,
  requireDatabase,
  requireFresh,
  requireReversible,
  requireSafeMigrations,
  requireSecretsOf,
} from "./gates/under-lease.ts";
import {
  environmentState,
  releaseBefore,
  releaseInLine,
  type EnvironmentState,
  type ProvenRelease,
} from "./state.ts";

export type { ReleaseContext, ReleaseOutcome } from "./apply/context.ts";
export type { EnvironmentState } from "./state.ts";

/** A release whose evidence was accepted, and what comes with it. */
export interface Candidate {
  readonly release: Release;
  /** All migrations that its code has, oldest first. */
  readonly migrations: readonly PlannedMigration[];
  /** What its services need, of what Fairway does not run. @default [] */
  readonly dependencies?: readonly DependencyCheck[];
  readonly smoke: readonly SmokeCheck[];
  readonly tags: readonly ImageTag[];
  readonly standIns: readonly string[];
  /** The environment's last change when the evidence was gathered: what was found then must still be about now. */
  readonly after: Plan["after"];
}

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

interface Run extends Omit<Held, "proven"> {
  readonly action: Plan["action"];
  readonly reason: string | null;
  readonly given?: Plan | undefined;
  readonly restore?: RestoreOperation;
}

async function run(
  candidate: Candidate,
  state: EnvironmentState,
  context: ReleaseContext,
  held: Run,
): Promise<ReleaseOutcome> {
  const observed = await context.target.observe(context.secrets);
  if (held.restore === undefined) requireDatabase(observed, state, context, await restorable(state, context));
  const plan = planFor(candidate, state, observed, context, held);
  if (held.given !== undefined) requireSamePlan(held.given, plan, context.command);
  requireSafeMigrations(plan, state, context);
  requireSecretsOf(plan, context);
  const same = plan.from !== null && sameServices(plan.from, plan.release);
  const settled = state.unsettled === null && plan.policy.brings === undefined;
  if (plan.operations.length === 0 && same && settled) {
    return { kind: "nothing to do", plan, urls: await context.target.urls() };
  }
  const gates = await requireGates(plan, context, held.lease);
  noteUnsettled(state, context);
  return applyPlan(plan, context, { ...held, proven: provenReleases(state) }, { reason: held.reason, gates });
}

/** A plan that has to wait is written down, so that people see what waits and for whom. */
async function requireGates(
  plan: Plan,
  context: ReleaseContext,
  lease: Lease,
): Promise<readonly GateJudgement[]> {
  const { environment, ledger, gating, clock } = context;
  const hash = planHash(plan);
  // They may take a while: what people decide, and what time it is, is looked at after them.
  const checklist = await checklistEvidence(plan, gating.runChecklist);
  const events = await ledger.read({ environment });
  const gates = await judgePlan(plan, hash, gating, { events, now: clock.now(), checklist });
  try {
    requireOpenGates(plan, hash, gates, context);
  } catch (error) {
    const said = events.findLast(({ type }) => type === "deployment-held")?.payload as
      { planHash?: string } | undefined;
    if (said?.planHash !== hash) {
      const payload = {
        planHash: hash,
        plan: plan as unknown as Json,
        gates: withoutOutput(gates) as unknown as Json,
      };
      await append(context, lease, null, "deployment-held", payload);
    }
    throw error;
  }
  return gates;
}

/**
 * Goes on with the deployment that was cut off. It looks at what is before it does anything: what is done is not done
 * again, and what nobody can tell is asked. Null when there is nothing to resume.
 */
export async function resume(
  context: ReleaseContext,
  options: { readonly answer: "done" | "not done" | null },
): Promise<ReleaseOutcome | null> {
  return underLease({ ...context, holder: context.actor, purpose: "resume" }, async (lease, signal) => {
    const state = await readState(context);
    if (state.unsettled === null) return null;
    requireSecretsOf(state.unsettled.plan, context);
    const held = { lease, signal, proven: provenReleases(state) };
    return resumeDeployment(state.unsettled, context, held, options.answer);
  });
}

/**
 * Takes the deployment that was cut off back to what was live. Null when there is none. One that runs is asked to stop at
 * its next safe point and go back by itself: then who runs it is answered.
 */
export async function abort(
  context: ReleaseContext,
  options: { readonly reason: string },
): Promise<Error | null | { readonly asked: Lease; readonly deployment: string }> {
  const holder = await context.ledger.holder(context.environment);
  const { unsettled } = await readState(context);
  if (holder !== null && unsettled?.outcome === "running") {
    const { environment, actor } = context;
    await context.ledger.append({
      ...{ environment, actor, deployment: unsettled.id },
      ...{ type: "abort-requested" satisfies NoteEventType, payload: { reason: options.reason } },
    });
    return { asked: holder, deployment: unsettled.id };
  }
  return underLease({ ...context, holder: context.actor, purpose: "abort" }, async (lease, signal) => {
    const state = await readState(context);
    if (state.unsettled === null) return null;
    const why = `aborted by ${context.actor}${options.reason === "" ? "" : `: ${options.reason}`}`;
    return abortDeployment(state.unsettled, context, { lease, signal, proven: provenReleases(state) }, why);
  });
}

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
  "pipeline" | "target" | "gating" | "timeouts" | "afterRelease" | "backupPolicy" | "maintenance"
>;

function planFor(
  candidate: Candidate,
  state: EnvironmentState,
  observed: Observation,
  { pipeline, target, gating, timeouts, afterRelease, backupPolicy, maintenance = "never" }: Planning,
  { action, restore }: Pick<Run, "action" | "restore">,
): Plan {
  const applied = new Set(state.appliedMigrations.map((migration) => migration.name));
  return planRelease({
    action,
    pipeline,
    release: candidate.release,
    state,
    observed,
    rollout: target.rollout,
    pendingMigrations: candidate.migrations.filter((migration) => !applied.has(migration.name)),
    dependencies: candidate.dependencies ?? [],
    smoke: candidate.smoke,
    tags: candidate.tags,
    standIns: candidate.standIns,
    gating,
    timeouts,
    afterRelease,
    maintenance,
    backup: backupPolicy ?? null,
    restore: restore ?? null,
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

/**
 * Keeps visitors out, or lets them in again, by hand. Deployments leave it as it is.
 * @throws FairwayError TARGET_CANNOT_MAINTAIN (exit 1)
 */
export async function maintain(
  context: ReleaseContext,
  options: { readonly on: boolean; readonly reason: string },
): Promise<void> {
  const { target } = context;
  const { on, reason } = options;
  if (target.maintain === undefined) throw cannotMaintain(context);
  const purpose = `maintenance ${on ? "on" : "off"}`;
  await underLease({ ...context, holder: context.actor, purpose }, async (lease, signal) => {
    await target.maintain?.(on, {
      fencingToken: lease.fencingToken,
      operationId: `${byHand}/${String(lease.fencingToken)}`,
      secrets: {},
      signal,
      report: (line) => {
        context.progress.note(line);
      },
    });
    await append(context, lease, null, "maintenance-changed", { on, reason });
  });
}

/** Stops all that runs in the environment, and says so in the ledger. */
export async function stopEnvironment(
  context: ReleaseContext,
  options: { readonly removeData: boolean },
): Promise<void> {
  if (context.target.rollout === "as a whole") {
    throw failure(`what runs in ${context.environment} is stopped where it is rolled out, not by Fairway`, {
      code: "TARGET_CANNOT_STOP",
      place: `fairway.yaml environments.${context.environment}.target`,
      remedy: "Take it out of the manifests repository.",
    });
  }
  await underLease({ ...context, holder: context.actor, purpose: "shutdown" }, async (lease, signal) => {
    noteUnsettled(await readState(context), context);
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

/** What is begun now takes the place of a deployment that did not end: the ledger calls that one abandoned. */
function noteUnsettled({ unsettled }: EnvironmentState, { progress }: ReleaseContext): void {
  if (unsettled === null || unsettled.outcome === "failed") return;
  if (unsettled.outcome === "in review") {
    progress.note(`${unsettled.id} (${unsettled.release.version}) waits for a review: this takes its place.`);
    return;
  }
  const done = unsettled.operations.filter(({ state }) => state === "done").length;
  progress.note(
    `${unsettled.id} (${unsettled.release.version}) did not end: it was cut off after ${String(done)} finished ` +
      "operations. Continuing from what runs.",
  );
}
