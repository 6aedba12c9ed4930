import { chain, firstPreviousHash } from "../../../../src/model/event-chain.ts";
import type { LedgerEvent } from "../../../../src/model/ledger.ts";
import {
  approvalEventType,
  approvalStatement,
  judgeApprovals,
  parseAllowedSigners,
  type AllowedSigners,
  type ApprovalPolicy,
  type ApprovalStatement,
  type PlanToApprove,
} from "../../../../src/release/gates/approvals/approvals.ts";
import type { SshSigner, SigningFaults } from "../../../support/ssh-signer.ts";

export const now = new Date("2026-03-02T09:00:00.000Z");
export const planHash = `sha256:${"1".repeat(64)}`;

/** An instant that many hours from now; negative for the past. */
export function hoursFromNow(hours: number): string {
  return new Date(now.getTime() + hours * 3_600_000).toISOString();
}

export interface Vote {
  readonly signer: SshSigner;
  readonly statement: ApprovalStatement;
  readonly at: string;
  readonly faults: SigningFaults;
  /** Changes what was signed after it was signed. */
  readonly edit: (envelope: { statement: string; signature: string }) => unknown;
}

/** A signed decision on the plan: recorded an hour ago, good for another day. */
export function vote(
  signer: SshSigner,
  fields: Partial<ApprovalStatement & Omit<Vote, "statement">> = {},
): Vote {
  const { at = hoursFromNow(-1), faults = {}, edit = (envelope) => envelope, ...statement } = fields;
  return {
    signer,
    at,
    faults,
    edit,
    statement: {
      decision: "approve",
      pipeline: "shop",
      environment: "production",
      planHash,
      expiresAt: hoursFromNow(24),
      reason: null,
      ...statement,
    },
  };
}

export function eventsOf(votes: readonly Vote[], type = approvalEventType): LedgerEvent[] {
  const events: LedgerEvent[] = [];
  for (const { signer, statement, at, faults, edit } of votes) {
    const last = events.at(-1);
    const text = approvalStatement(statement);
    const payload = edit({ statement: text, signature: signer.sign(text, faults) }) as never;
    const event = {
      environment: "production",
      deployment: null,
      type,
      actor: "someone@laptop",
    };
    events.push(chain({ ...event, payload }, last?.sequence ?? 0, last?.hash ?? firstPreviousHash, at));
  }
  return events;
}

export function signersFile(...lines: readonly string[]): AllowedSigners {
  return parseAllowedSigners(lines.join("\n"), "fairway.allowed_signers");
}

const policy: ApprovalPolicy = {
  required: 1,
  groups: {},
  needs: [],
  excludeAuthors: true,
  excludeRequester: true,
  maxAgeHours: 72,
};

export function judged(input: {
  readonly signers: AllowedSigners;
  readonly votes: readonly Vote[];
  readonly policy?: Partial<ApprovalPolicy>;
  readonly plan?: Partial<PlanToApprove>;
  readonly consumed?: readonly string[];
  readonly now?: Date;
  /** In place of the votes' own. */
  readonly events?: readonly LedgerEvent[];
  /** Of the events that hold the votes. */
  readonly type?: string;
}) {
  return judgeApprovals({
    plan: {
      pipeline: "shop",
      environment: "production",
      planHash,
      authors: [],
      requester: { name: "ci", email: null },
      needsGroups: [],
      ...input.plan,
    },
    policy: { ...policy, ...input.policy },
    signers: input.signers,
    approvals: input.events ?? eventsOf(input.votes, input.type),
    consumed: new Set(input.consumed),
    now: input.now ?? now,
  });
}
