import type { Json } from "../model/canonical-json.ts";
import type { Lease } from "../model/ledger.ts";
import type { Plan, RestoreOperation } from "../model/plan.ts";
import { append, type Held, type ReleaseContext, type ReleaseOutcome } from "./apply/context.ts";
import { applyPlan, fenceTarget } from "./apply/deployment.ts";
import { restorable } from "./backup/choice.ts";
import type { Candidate } from "./candidate.ts";
import { checklistEvidence } from "./gates/checklist.ts";
import { judgePlan } from "./gates/gating.ts";
import { withoutOutput, type GateJudgement } from "./gates/judge.ts";
import { requireOpenGates } from "./gates/require-open.ts";
import {
  requireDatabase,
  requireNoRestoreBegun,
  requireSafeMigrations,
  requireSecretsOf,
} from "./gates/under-lease.ts";
import { isToBeProven, planHash, provenReleases } from "./plan/plan.ts";
import { requireSamePlan } from "./plan/same-plan.ts";
import { planFor } from "./planning.ts";
import { sameServices } from "./same-services.ts";
import type { EnvironmentState } from "./state.ts";

interface Run extends Omit<Held, "proven"> {
  readonly action: Plan["action"];
  readonly reason: string | null;
  readonly given?: Plan | undefined;
  readonly restore?: RestoreOperation;
}

/** From what is observed under the lease to the plan, through its gates, to the end of the deployment. */
export async function run(
  candidate: Candidate,
  state: EnvironmentState,
  context: ReleaseContext,
  held: Run,
): Promise<ReleaseOutcome> {
  if (held.restore === undefined) requireNoRestoreBegun(state, context);
  const nothingToDo = async (plan: Plan): Promise<ReleaseOutcome> => ({
    kind: "nothing to do",
    plan,
    urls: await context.target.urls(),
  });
  const seen = await planNow(candidate, state, context, held);
  if (changesNothing(seen, candidate, state)) return nothingToDo(seen);
  const isPromoted = candidate.isPromoted === true;
  const isGiven = held.given !== undefined;
  const whose = {
    isSigned: isPromoted || isGiven,
    // A plan that is given may be of either.
    isPromoted: isPromoted || isGiven,
    open: state.unsettled?.id ?? null,
  };
  const gatesSeen = await requireGates(seen, context, held.lease, whose);
  const whole = { ...held, proven: provenReleases(state) };
  // Not before: a deploy with nothing to do, or one that is held, changes nothing, and to fence is to change the target.
  await fenceTarget(seen, context, whole);
  // An earlier holder may have written until then: what is done follows from what is there now, and so do its gates.
  const plan = await planNow(candidate, state, context, held);
  const isSame = planHash(plan) === planHash(seen);
  if (!isSame && changesNothing(plan, candidate, state)) return nothingToDo(plan);
  const gates = isSame ? gatesSeen : await requireGates(plan, context, held.lease, whose);
  noteUnsettled(state, context);
  return applyPlan(plan, context, whole, { reason: held.reason, gates });
}

/** The plan of what is observed now. @throws FairwayError where it is not the one that was given, or may not be applied */
async function planNow(
  candidate: Candidate,
  state: EnvironmentState,
  context: ReleaseContext,
  held: Run,
): Promise<Plan> {
  const observed = await context.target.observe(context.secrets);
  if (held.restore === undefined) requireDatabase(observed, state, context, await restorable(state, context));
  const plan = planFor(candidate, state, observed, context, held);
  if (held.given !== undefined) requireSamePlan(held.given, plan, context.command);
  requireSafeMigrations(plan, state, context);
  requireSecretsOf(plan, context);
  return plan;
}

function changesNothing(plan: Plan, candidate: Candidate, state: EnvironmentState): boolean {
  const same = plan.from !== null && sameServices(plan.from, plan.release);
  const isNew = plan.action === "deploy" && isToBeProven({ ...candidate, state });
  const settled = state.unsettled === null && plan.policy.brings === undefined && !isNew;
  return plan.operations.length === 0 && same && settled;
}

/** A plan that has to wait is written down, so that people see what waits and for whom. */
async function requireGates(
  plan: Plan,
  context: ReleaseContext,
  lease: Lease,
  whose: { readonly isSigned: boolean; readonly isPromoted: boolean; readonly open: string | null },
): Promise<readonly GateJudgement[]> {
  const { environment, ledger, gating, clock } = context;
  const hash = planHash(plan);
  // They may take a while: what people decide, and what time it is, is looked at after them.
  const checklist = await checklistEvidence(plan, gating.runChecklist);
  const events = await ledger.read({ environment });
  const gates = await judgePlan(plan, hash, gating, { events, now: clock.now(), checklist });
  try {
    requireOpenGates(plan, hash, gates, { command: context.command, ...whose });
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

/** What is begun now takes the place of a deployment that did not end: the ledger calls that one abandoned. */
export function noteUnsettled({ unsettled }: EnvironmentState, { progress }: ReleaseContext): void {
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
