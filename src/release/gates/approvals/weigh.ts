import type { LedgerEvent } from "../../../model/ledger.ts";
import type { ApprovalsInput, IgnoredApproval, IgnoredKind, PlanToApprove } from "./judgement.ts";
import { exclusionOf } from "./exclusion.ts";
import { keyStanding } from "./key-standing.ts";
import type { Person } from "./people.ts";
import { verifySshSignature } from "./ssh/ssh-signature.ts";
import { approvalNamespace, readApproval, type ApprovalStatement } from "./statement.ts";

/** One event, for itself: does it count, and if not, why not. */
export type Vote = { readonly ignored: IgnoredApproval } | CastVote;

export interface CastVote {
  readonly ignored: null;
  readonly event: LedgerEvent;
  readonly statement: ApprovalStatement;
  readonly person: Person;
  /** The names of that person that the key stands for now. */
  readonly names: readonly string[];
  readonly who: string;
  readonly fingerprint: string;
}

const hour = 3_600_000;
/** How far the signer's clock and the ledger's may be apart before an expiry counts as too long. */
const skew = 5 * 60_000;

export function weigh(event: LedgerEvent, people: readonly Person[], input: ApprovalsInput): Vote {
  const { plan, signers, now } = input;
  const ignored = (kind: IgnoredKind, why: string, who = event.actor) => ({
    ignored: { who, kind, why, when: event.at, sequence: event.sequence },
  });
  const reading = readApproval(event.payload);
  if (!reading.ok) return ignored("unreadable", reading.why);
  const recorded = new Date(event.at);
  if (Number.isNaN(recorded.getTime())) return ignored("unreadable", "when it was recorded is no date");
  const { statement, envelope } = reading;
  const other = forAnother(statement, plan);
  if (other !== null) return ignored(...other);

  const signature = verifySshSignature(envelope.signature, envelope.statement, approvalNamespace);
  if (!signature.ok) return ignored("bad-signature", signature.why);
  const { fingerprint } = signature.key;
  // A rejection stays when its key is retired later: time must not open what a person has closed.
  const moments = statement.decision === "reject" ? [recorded] : [recorded, now];
  const standing = keyStanding(signers, fingerprint, moments);
  if (!standing.ok) return ignored(standing.kind, standing.why);
  const { lines, names } = standing;
  const person = people.find((candidate) => candidate.lines.includes(lines[0]!))!;
  const who = names[0] ?? lines[0]!.principals.join(",");
  const vote = { ignored: null, event, statement, person, names, who, fingerprint };
  if (statement.decision === "reject") return vote;

  if (names.length === 0) {
    return ignored("nobody", `${signers.file}:${String(lines[0]!.line)} names a pattern, not a person`, who);
  }
  const late = outOfTime(statement, recorded, input);
  if (late !== null) return ignored(...late, who);
  const excluded = exclusionOf(person, input);
  if (excluded !== null) return ignored(...excluded, who);
  return vote;
}

type Reason = [kind: IgnoredKind, why: string];

function forAnother(statement: ApprovalStatement, plan: PlanToApprove): Reason | null {
  if (statement.pipeline !== plan.pipeline) {
    return ["another-pipeline", `it is for the pipeline ${statement.pipeline}`];
  }
  if (statement.environment !== plan.environment) {
    return ["another-environment", `it is for ${statement.environment}`];
  }
  if (statement.planHash !== plan.planHash) {
    return ["another-plan", `it is for another plan, ${statement.planHash.slice(0, 19)}`];
  }
  return null;
}

function outOfTime(
  statement: ApprovalStatement,
  recorded: Date,
  { consumed, policy, now }: ApprovalsInput,
): Reason | null {
  if (consumed.has(statement.planHash)) {
    return ["consumed", "it was used up: an apply of this plan has started before"];
  }
  const expires = Date.parse(statement.expiresAt);
  if (!(expires > now.getTime())) return ["expired", `it expired at ${statement.expiresAt}`];
  // A record that is dated ahead must not reach further.
  const from = Math.min(recorded.getTime(), now.getTime());
  if (!(expires <= from + policy.maxAgeHours * hour + skew)) {
    const longest = `${String(policy.maxAgeHours)} h`;
    return ["too-long", `it would be good until ${statement.expiresAt}; the longest allowed is ${longest}`];
  }
  return null;
}
