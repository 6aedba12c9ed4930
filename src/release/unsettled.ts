import type { FairwayError } from "../model/errors.ts";
import type { Lease } from "../model/ledger.ts";
import type { ReleaseContext, ReleaseOutcome } from "./apply/context.ts";
import { Aborted } from "./apply/abort-request.ts";
import { abortDeployment, resumeDeployment } from "./apply/deployment.ts";
import { underLease } from "./apply/lease.ts";
import type { Asker } from "./gates/may-answer.ts";
import { requireSecretsOf } from "./gates/under-lease.ts";
import type { NoteEventType } from "./journal.ts";
import { provenReleases } from "./plan/plan.ts";
import { readState } from "./read-state.ts";

export interface ResumeOptions {
  /** What a person found of the one operation of which nobody can tell whether it happened; null for nothing. */
  readonly answer: "done" | "not done" | null;
  /** The operation that the answer is about, counted from 1. @default the one that is asked about */
  readonly operation?: number | null;
  /** Who answers. @default not known */
  readonly by?: Asker | null;
}

/**
 * Goes on with the deployment that was cut off. It looks at what is before it does anything: what is done is not done
 * again, and what nobody can tell is asked, one operation after the other. Null when there is nothing to resume.
 * @throws FairwayError OPERATION_UNKNOWN (exit 3) for an operation of which nobody can tell whether it happened
 */
export async function resume(
  context: ReleaseContext,
  { answer, operation = null, by = null }: ResumeOptions,
): Promise<ReleaseOutcome | null> {
  return underLease({ ...context, holder: context.actor, purpose: "resume" }, async (lease, signal) => {
    const state = await readState(context);
    if (state.unsettled === null) return null;
    requireSecretsOf(state.unsettled.plan, context);
    const held = { lease, signal, proven: provenReleases(state) };
    return resumeDeployment(
      state.unsettled,
      context,
      held,
      answer === null ? null : { answer, operation, by },
    );
  });
}

/**
 * Takes the deployment that was cut off back to what was live. Null when there is none. One that runs is asked to stop at
 * its next safe point and go back by itself: then who runs it is answered.
 */
export async function abort(
  context: ReleaseContext,
  options: { readonly reason: string },
): Promise<FairwayError | null | { readonly asked: Lease; readonly deployment: string }> {
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
    const why = new Aborted(context.actor, options.reason);
    return abortDeployment(state.unsettled, context, { lease, signal, proven: provenReleases(state) }, why);
  });
}
