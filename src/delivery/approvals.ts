import type { File } from "@dagger.io/dagger";
import type { Json } from "../model/canonical-json.ts";
import { exitCodes, FairwayError, usageError } from "../model/errors.ts";
import type { Plan } from "../model/plan.ts";
import {
  approvalEventType,
  approvalNamespace,
  readApproval,
  verifySshSignature,
  type ApprovalStatement,
} from "../release/gates/approvals/approvals.ts";
import { readPlanFile } from "../release/plan/plan-file.ts";
import { heldPlan, ignoredBecause, requireStanding, type Submitted } from "./approval-standing.ts";
import { answerOf, type OutputFormat } from "./answer.ts";
import type { Delivery } from "./delivery.ts";

/**
 * Writes a signed approval, or rejection, into the ledger. Whether it counts is judged when the plan is: here it is made
 * sure that it is one, for this environment, really signed, and none that can never count.
 */
export async function submitApproval(
  delivery: Delivery,
  environment: string,
  approval: File,
  format: OutputFormat,
): Promise<string> {
  const { plan: signed, ...submitted } = parsed(await approval.contents());
  const reading = readApproval(submitted);
  if (!reading.ok) throw refused(reading.why);
  const { statement, envelope } = reading;
  requireHere(statement, { pipeline: (await delivery.config()).name, environment });
  const answer = verifySshSignature(envelope.signature, envelope.statement, approvalNamespace);
  if (!answer.ok) throw refused(answer.why);
  const ledger = await delivery.ledger(environment);
  const before = await ledger.read({ environment });
  const about: Submitted = {
    statement,
    fingerprint: answer.key.fingerprint,
    plan: planOf(signed, statement) ?? heldPlan(before, statement.planHash),
  };
  const doubt = await requireStanding(delivery, about, before);
  const event = await ledger.append({
    environment,
    deployment: null,
    type: approvalEventType,
    actor: delivery.actor,
    payload: { statement: envelope.statement, signature: envelope.signature },
  });
  const ignored = doubt ?? (await ignoredBecause(delivery, about, await ledger.read({ environment })));
  const verb = statement.decision === "approve" ? "approved" : "rejected";
  const text = `${verb}: plan ${statement.planHash} for ${environment}, with ${answer.key.fingerprint}, until ${statement.expiresAt}.`;
  const but = doubt !== null ? "May not count" : "Does not count";
  return answerOf(format, ignored === null ? text : `${text}\n${but}: ${ignored}.`, {
    event: event.sequence,
    hash: event.hash,
    fingerprint: answer.key.fingerprint,
    statement: statement as unknown as Json,
    doubt: ignored,
  });
}

function requireHere(
  statement: ApprovalStatement,
  here: { readonly pipeline: string; readonly environment: string },
): void {
  for (const field of ["pipeline", "environment"] as const) {
    if (statement[field] === here[field]) continue;
    throw refused(`it is for the ${field} ${statement[field]}, and this is ${here[field]}`);
  }
}

/** Whoever signs a plan here brings it along: what it is about may have changed since it was made. */
function planOf(signed: unknown, { planHash, environment }: ApprovalStatement): Plan | null {
  if (signed === undefined) return null;
  return readPlanFile(JSON.stringify({ hash: planHash, plan: signed }), environment);
}

function parsed(text: string): { readonly plan?: unknown } {
  try {
    const value = JSON.parse(text) as unknown;
    return typeof value === "object" && value !== null ? value : {};
  } catch {
    throw usageError("the approval is not JSON", {
      code: "APPROVAL_UNREADABLE",
      place: "--approval",
      remedy: "It is made by: fairway approve plan.json",
    });
  }
}

function refused(why: string): FairwayError {
  return new FairwayError(`the approval is not taken: ${why}. Nothing was written.`, {
    code: "APPROVAL_REFUSED",
    exitCode: exitCodes.failed,
    place: "--approval",
  });
}
