import type { Json } from "../../model/canonical-json.ts";
import { isFairwayError, type FairwayError } from "../../model/errors.ts";
import type { LedgerEvent } from "../../model/ledger.ts";
import type { Plan } from "../../model/plan.ts";
import type { GateJudgement } from "../gates/judge.ts";
import type { DeploymentEventType } from "../journal.ts";
import { reviewNeeded } from "../health/health.ts";
import { planHash } from "../plan/plan.ts";
import type { DeploymentSummary } from "../state.ts";
import { operationUnknown, withAnswer, type Answer } from "./answer.ts";
import { journalAsDone, type PlacedOperation } from "./apply.ts";
import { watchForAbort, type Aborted } from "./abort-request.ts";
import { carryOut, prepareTarget } from "./carry-out.ts";
import { append, type Held, type ReleaseContext, type ReleaseOutcome, type Run } from "./context.ts";
import { interrupted, inReview, messageOf, notBegun } from "./endings.ts";
import { dataIsOlder } from "../backup/restoring.ts";
import { isRestoreUnknown } from "./restore-begun.ts";
import { whatIsLeft } from "./resume.ts";
import { secondsForAll, within } from "./time-limit.ts";
import { goBack } from "./way-back.ts";

/** Carries a plan out under its lease, from the first event to the last, or back to where it was. */
export async function applyPlan(
  plan: Plan,
  context: ReleaseContext,
  held: Held,
  record: { readonly reason: string | null; readonly gates: readonly GateJudgement[] },
): Promise<ReleaseOutcome> {
  const deployment = await nextDeployment(context);
  const started = await append(context, held.lease, deployment, "deployment-started", {
    action: plan.action,
    release: plan.release as unknown as Json,
    planHash: planHash(plan),
    plan: plan as unknown as Json,
    reason: record.reason,
    gates: record.gates as unknown as Json,
    policy: context.gating.inForce.policy as unknown as Json,
    brings: context.gating.brings as unknown as Json,
    signers: context.gating.inForce.signers as unknown as Json,
    requester: context.gating.requester,
  });
  const operations = plan.operations.map((operation, index) => ({ index, operation }));
  return finish(operations, context, { ...held, deployment, plan }, started);
}

/**
 * Makes the target refuse whoever held the lease before, under the name that a deployment of this plan will have. Until that
 * deployment is written down nothing has begun: where this fails, what was left open before is left as it is, and so are the
 * plan and its approvals (docs/decisions/017).
 */
export async function fenceTarget(plan: Plan, context: ReleaseContext, held: Held): Promise<void> {
  const { environment, clock } = context;
  const deployment = await nextDeployment(context);
  const what = `get ${environment} ready`;
  const limit = { seconds: plan.timeouts.operation, what, environment, clock, signal: held.signal };
  try {
    await within(limit, (signal) => prepareTarget(context, { ...held, signal, deployment, plan }));
  } catch (error) {
    if (held.signal.aborted) throw error;
    const { version } = plan.release;
    const said = { planHash: planHash(plan), version, action: plan.action, message: messageOf(error) };
    // That it failed has to be told, also when it cannot be written down.
    await append(context, held.lease, null, "deployment-not-begun", said).catch(() => undefined);
    throw isFairwayError(error) ? notBegun(error, context) : error;
  }
}

/**
 * Goes on with a deployment that was cut off, under what it was started with: the rest of it, or of its way back. What
 * is done already is written down, not done again.
 */
export async function resumeDeployment(
  deployment: DeploymentSummary,
  context: ReleaseContext,
  held: Held,
  answer: Answer | null,
): Promise<ReleaseOutcome> {
  const run: Run = { ...held, deployment: deployment.id, plan: deployment.plan };
  // Before anything is looked at: what whoever held the lease before has written until then is seen.
  const prepared = await prepareTarget(context, run);
  const onlyForward = dataIsOlder(deployment) || (await isRestoreUnknown(deployment, context));
  if (isGoingBack(deployment) && !onlyForward) {
    if (answer !== null) await withAnswer(deployment, null, answer, context, held);
    return backAgain(deployment, context, run);
  }
  const facts = {
    observed: await context.target.observe(context.secrets),
    proven: held.proven,
    executors: context.executors,
    backups: context.backups,
    context: prepared,
  };
  let known = deployment;
  let remainder = await whatIsLeft(known, facts);
  if (answer !== null) {
    known = await withAnswer(known, remainder.asked, answer, context, held);
    remainder = await whatIsLeft(known, facts);
  }
  if (remainder.asked !== null) throw operationUnknown(known, remainder.asked, context);
  const resumed = await append(context, held.lease, deployment.id, "deployment-resumed", {});
  for (const { saidBy, ...placed } of remainder.done) {
    const observed = saidBy === null ? "found done when it was resumed" : `${saidBy} says that it is done`;
    await journalAsDone(placed, observed, { ...context, ...run, wayBack: false });
  }
  return finish(remainder.left, context, run, resumed);
}

/** Takes a deployment that was cut off back to what was live before it. @returns the error that says what is live now */
export async function abortDeployment(
  deployment: DeploymentSummary,
  context: ReleaseContext,
  held: Held,
  why: Aborted,
): Promise<FairwayError> {
  const run: Run = { ...held, deployment: deployment.id, plan: deployment.plan };
  await prepareTarget(context, run);
  await append(context, held.lease, deployment.id, "deployment-resumed", {});
  return goBack(why, context, run);
}

async function backAgain(deployment: DeploymentSummary, context: ReleaseContext, run: Run): Promise<never> {
  await append(context, run.lease, deployment.id, "deployment-resumed", {});
  throw await goBack(new Error(deployment.goingBack ?? "an operation failed"), context, run);
}

function isGoingBack({ goingBack, operations, outcome }: DeploymentSummary): boolean {
  return (
    goingBack !== null ||
    outcome === "failed" ||
    operations.some(({ state, wayBack }) => state === "failed" && !wayBack)
  );
}

async function finish(
  operations: readonly PlacedOperation[],
  context: ReleaseContext,
  run: Run,
  begun: LedgerEvent,
): Promise<ReleaseOutcome> {
  const { plan, deployment } = run;
  const startedAt = context.clock.now().getTime();
  try {
    using asked = watchForAbort(context, run, begun);
    const { environment, clock } = context;
    const whole = {
      seconds: secondsForAll(plan.operations, plan.timeouts),
      what: `the ${plan.action} as a whole`,
      environment,
      clock,
    };
    await within({ ...whole, signal: AbortSignal.any([run.signal, asked.signal]) }, async (signal) =>
      carryOut(operations, plan.release, context, { ...run, signal, wayBack: false }),
    );
  } catch (error) {
    if (isFairwayError(error) && error.code === reviewNeeded) {
      throw inReview(error, plan, await askedIn(run, context), context);
    }
    throw await goBack(error, context, run);
  }
  try {
    await append(context, run.lease, deployment, "deployment-succeeded", {});
  } catch (error) {
    // All of it runs and was proven; only that is not written down. Whoever resumes proves and writes it.
    throw interrupted(error, plan, context);
  }
  return {
    kind: "released",
    deployment,
    plan,
    planHash: planHash(plan),
    urls: await context.target.urls().catch(() => ({})),
    durationMs: context.clock.now().getTime() - startedAt,
  };
}

/** What asks for a review; null where that cannot be read any more. */
async function askedIn(
  { deployment }: Run,
  { ledger, environment }: ReleaseContext,
): Promise<PlacedOperation | null> {
  const types = ["review-requested" satisfies DeploymentEventType];
  const asked = (await ledger.read({ environment, deployment, types }).catch(() => [])).at(-1);
  return asked === undefined ? null : (asked.payload as unknown as PlacedOperation);
}

async function nextDeployment(context: ReleaseContext): Promise<string> {
  const started = await context.ledger.read({
    environment: context.environment,
    types: ["deployment-started"],
  });
  return `${context.environment}-${String(started.length + 1)}`;
}
