import type { File } from "@dagger.io/dagger";
import type { Json } from "../model/canonical-json.ts";
import { exitCodes, FairwayError, usageError } from "../model/errors.ts";
import {
  approvalEventType,
  approvalNamespace,
  readApproval,
  verifySshSignature,
  type ApprovalStatement,
} from "../release/gates/approvals/approvals.ts";
import { answerOf, type OutputFormat } from "./answer.ts";
import type { Delivery } from "./delivery.ts";

/**
 * Writes a signed approval, or rejection, into the ledger. Whether it counts is judged when the plan is: here it is only
 * made sure that it is one, for this environment, and really signed.
 */
export async function submitApproval(
  delivery: Delivery,
  environment: string,
  approval: File,
  format: OutputFormat,
): Promise<string> {
  const reading = readApproval(parsed(await approval.contents()));
  if (!reading.ok) throw refused(reading.why);
  const { statement, envelope } = reading;
  requireHere(statement, { pipeline: (await delivery.config()).name, environment });
  const answer = verifySshSignature(envelope.signature, envelope.statement, approvalNamespace);
  if (!answer.ok) throw refused(answer.why);
  const ledger = await delivery.ledger(environment);
  const event = await ledger.append({
    environment,
    deployment: null,
    type: approvalEventType,
    actor: delivery.actor,
    payload: { statement: envelope.statement, signature: envelope.signature },
  });
  const verb = statement.decision === "approve" ? "approved" : "rejected";
  const text = `${verb}: plan ${statement.planHash} for ${environment}, with ${answer.key.fingerprint}, until ${statement.expiresAt}.`;
  return answerOf(format, text, {
    event: event.sequence,
    hash: event.hash,
    fingerprint: answer.key.fingerprint,
    statement: statement as unknown as Json,
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

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
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
