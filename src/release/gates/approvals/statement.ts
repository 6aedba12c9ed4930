import { z } from "zod";
import { canonicalJson } from "../../../model/canonical-json.ts";
import { failure } from "../../../model/errors.ts";
import type { Refused } from "./ssh/wire.ts";

/** What approvals are signed for; a signature for git, a file or a login never counts as one. */
export const approvalNamespace = "fairway-approval";

/** The type of the ledger's events that hold approvals and rejections. Their payload is an `ApprovalEnvelope`. */
export const approvalEventType = "approval-recorded";

/** What a person signs: this plan, here, until then. */
export interface ApprovalStatement {
  readonly decision: "approve" | "reject";
  readonly pipeline: string;
  readonly environment: string;
  /** `sha256:<64 hex>` */
  readonly planHash: string;
  /** RFC 3339, UTC. An apply that starts later does so without this approval. A rejection does not end. */
  readonly expiresAt: string;
  /** One line for those who read it later. */
  readonly reason: string | null;
}

/** A statement byte for byte as it was signed, and the armored text of `ssh-keygen -Y sign`. */
export interface ApprovalEnvelope {
  readonly statement: string;
  readonly signature: string;
}

const shape = z.strictObject({
  _type: z.literal(approvalNamespace),
  version: z.literal(1),
  decision: z.enum(["approve", "reject"]),
  pipeline: z.string().min(1).max(200),
  environment: z.string().min(1).max(200),
  planHash: z.string().regex(/^sha256:[0-9a-f]{64}$/, "must be sha256: and 64 hex digits"),
  expiresAt: z.iso.datetime({ error: "must be an RFC 3339 time in UTC" }),
  reason: z
    .string()
    // A terminal shows it: nothing in it may move the cursor or turn the text around.
    .regex(/^[^\p{Cc}\p{Cf}\p{Zl}\p{Zp}]{1,1000}$/u, "must be one line of at most 1000 characters")
    .nullable(),
});

const envelopeShape = z.strictObject({
  statement: z.string().max(16_384),
  signature: z.string().max(16_384),
});

/**
 * The text to sign: canonical JSON (RFC 8785), without a line feed at its end.
 * @throws FairwayError APPROVAL_INVALID (exit 1) that names the field
 */
export function approvalStatement(statement: ApprovalStatement): string {
  const { decision, pipeline, environment, planHash, expiresAt, reason } = statement;
  const whole = {
    _type: approvalNamespace,
    version: 1,
    decision,
    pipeline,
    environment,
    planHash,
    expiresAt,
    reason,
  };
  const answer = shape.safeParse(whole);
  if (answer.success) return canonicalJson(answer.data);
  throw failure(`This cannot be signed: ${told(answer.error)}.`, { code: "APPROVAL_INVALID" });
}

export type ApprovalReading =
  { readonly ok: true; readonly statement: ApprovalStatement; readonly envelope: ApprovalEnvelope } | Refused;

/** Reads an envelope from a ledger or a file. Says nothing about who signed it, or whether anybody did. */
export function readApproval(envelope: unknown): ApprovalReading {
  const outer = envelopeShape.safeParse(envelope);
  if (!outer.success) return { ok: false, why: `it is no approval: ${told(outer.error)}` };
  const parsed = parsedJson(outer.data.statement);
  if (parsed === undefined) return { ok: false, why: "what was signed is not JSON" };
  const inner = shape.safeParse(parsed);
  if (!inner.success) return { ok: false, why: `what was signed is no approval: ${told(inner.error)}` };
  // One meaning, one spelling: no second `planHash`, no other order.
  if (canonicalJson(inner.data) !== outer.data.statement) {
    return { ok: false, why: "what was signed is not canonical JSON" };
  }
  const { decision, pipeline, environment, planHash, expiresAt, reason } = inner.data;
  const statement = { decision, pipeline, environment, planHash, expiresAt, reason };
  return { ok: true, statement, envelope: outer.data };
}

function parsedJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function told(error: z.ZodError): string {
  return error.issues.map((issue) => `${issue.path.join(".") || "it"}: ${issue.message}`).join("; ");
}
