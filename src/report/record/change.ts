import type { LedgerEvent } from "../../model/ledger.ts";
import type { GateName, Operation, Plan, PlannedCommit, Release, SmokeCheck } from "../../model/plan.ts";
import type { Risk } from "./risk.ts";

/**
 * One change, for those who have to answer for it: who, what, when, where, why, and with whose consent. Everything in it
 * is read from `events`, so whoever has the record can derive it again; so it has data and no sentences of ours, which
 * another version of Fairway might word in another way.
 */
export interface ChangeRecord {
  /** The deployment's id: `production-12`. */
  readonly change: string;
  readonly environment: string;
  readonly pipeline: string;
  readonly action: Plan["action"];
  readonly release: Pick<Release, "version" | "commit" | "branch">;
  /** What was live before; null for the first. */
  readonly from: Pick<Release, "version" | "commit" | "branch"> | null;
  /** What was written between the two, newest first. */
  readonly commits: readonly PlannedCommit[];
  /** False where the history that was at hand did not reach what was live. */
  readonly commitsComplete: boolean;
  readonly actor: string;
  readonly reason: string | null;
  /** RFC 3339, UTC, as all times here. */
  readonly startedAt: string;
  readonly endedAt: string | null;
  readonly outcome: ChangeOutcome;
  /** Why it did not succeed. */
  readonly message: string | null;
  readonly risk: Risk;
  /** `sha256:<64 hex>` of the plan's canonical JSON. */
  readonly planHash: string;
  readonly plan: RecordedPlan;
  /** As they stood when it started. */
  readonly gates: readonly RecordedGate[];
  /** Those that were counted. */
  readonly approvals: readonly RecordedApproval[];
  readonly emergency: {
    readonly reason: string;
    readonly ticket: string;
    /** The gates that were passed by. */
    readonly passedBy: readonly GateName[];
  } | null;
  /** Every attempt, in the order in which they began. */
  readonly operations: readonly RecordedOperation[];
  /** What people said of operations of which nobody could tell whether they happened; absent for nothing. */
  readonly answers?: readonly RecordedAnswer[];
  readonly validation: readonly Validation[];
  readonly wayBack: RecordedWayBack;
  /** The first event of the ledger: which ledger it is. */
  readonly ledger: { readonly firstHash: string };
  /** What proves it: the deployment's own events, and the approvals of its plan. */
  readonly events: readonly LedgerEvent[];
}

/** A ledger may have plans from before they had all of their fields. */
export type RecordedPlan = Omit<Plan, LaterFields> & Partial<Pick<Plan, LaterFields>>;
type LaterFields = "changes" | "gates" | "policy" | "emergency" | "timeouts";

/** `not ended`: no end was written down; it was running then, or its process had died. */
export type ChangeOutcome =
  "succeeded" | "rolled back" | "failed" | "interrupted" | "in review" | "not ended";

export interface RecordedGate {
  readonly gate: string;
  readonly state: string;
  readonly says: string;
}

export interface RecordedApproval {
  readonly who: string;
  readonly group: string | null;
  /** When the ledger recorded it. */
  readonly at: string;
  readonly expiresAt: string;
  /** `SHA256:...` of the key. */
  readonly fingerprint: string;
  readonly reason: string | null;
  readonly sequence: number;
  /** Byte for byte what was signed; null where the ledger does not hold it. */
  readonly statement: string | null;
  /** Armored, as ssh-keygen made it. */
  readonly signature: string | null;
}

export interface RecordedOperation {
  /** Its place in the plan, or in the way back, from 0. */
  readonly index: number;
  readonly wayBack: boolean;
  readonly operation: Operation;
  readonly state: "done" | "failed" | "in review" | "cut off";
  readonly startedAt: string;
  readonly endedAt: string | null;
  /** What was seen, or why it failed. */
  readonly observed: string | null;
}

export interface RecordedAnswer {
  /** The operation's place in the plan, from 0. */
  readonly index: number;
  readonly operation: Operation;
  readonly answer: "done" | "not done";
  readonly who: string;
  readonly at: string;
  readonly sequence: number;
}

/** How it was proven that what was released works. */
export interface Validation {
  readonly kind: "health" | "smoke" | "analysis";
  /** Its place in the plan. */
  readonly index: number;
  /** What was asked; null for health, which the operation itself waits for. */
  readonly check: SmokeCheck | null;
  readonly state: "passed" | "failed" | "in review" | "not reached";
  readonly at: string | null;
  readonly observed: string | null;
}

export interface RecordedWayBack {
  readonly planned: readonly Operation[];
  readonly impossible: readonly string[];
  readonly taken: boolean;
  /** Why it was taken. */
  readonly because: string | null;
}
