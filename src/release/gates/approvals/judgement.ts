import type { LedgerEvent } from "../../../model/ledger.ts";
import type { GroupNeed } from "./seats.ts";
import type { AllowedSigners } from "./signers/allowed-signers.ts";

/** All that decides whether a plan has the approvals that it needs. */
export interface ApprovalsInput {
  readonly plan: PlanToApprove;
  readonly policy: ApprovalPolicy;
  /** Of the last PROVEN commit of the environment; a first deploy has none and takes its own. */
  readonly signers: AllowedSigners;
  /** Events of the ledger; those of other types are passed over. */
  readonly approvals: readonly LedgerEvent[];
  /** Hashes of the plans whose apply has started. */
  readonly consumed: ReadonlySet<string>;
  readonly now: Date;
}

export interface PlanToApprove {
  readonly pipeline: string;
  readonly environment: string;
  /** `sha256:<64 hex>` */
  readonly planHash: string;
  /** Everyone who wrote between what is live and what is new; null when the history does not reach that far. */
  readonly authors: readonly { readonly name: string; readonly email: string }[] | null;
  /** Who asks for the deploy, by e-mail address or account; null when that is not known. */
  readonly requester: { readonly name: string; readonly email: string | null } | null;
  /** What this plan needs beyond the policy's own needs. */
  readonly needsGroups: readonly GroupNeed[];
}

export interface ApprovalPolicy {
  /** How many different people. */
  readonly required: number;
  /** The members of each group, by the exact names of the signers file. */
  readonly groups: Readonly<Record<string, readonly string[]>>;
  readonly needs: readonly GroupNeed[];
  readonly excludeAuthors: boolean;
  readonly excludeRequester: boolean;
  /** The longest time between an approval and its expiry, in hours. */
  readonly maxAgeHours: number;
}

export interface ApprovalsJudgement {
  readonly state: "open" | "held" | "rejected";
  readonly counted: readonly CountedApproval[];
  /** Every other approval and rejection, each with its reason. */
  readonly ignored: readonly IgnoredApproval[];
  /** What stands in the way, in words; empty exactly when the state is open. */
  readonly missing: readonly string[];
  readonly rejection: Rejection | null;
  /** Authors whom no line of the signers file names: which approvals are theirs cannot be told. */
  readonly unknownAuthors: readonly string[];
}

export interface CountedApproval {
  readonly who: string;
  /** When the ledger recorded it. RFC 3339, UTC, as all times here. */
  readonly when: string;
  readonly expiresAt: string;
  /** `SHA256:...` */
  readonly fingerprint: string;
  /** The group whose seat it fills beside a general one; null for none. */
  readonly group: string | null;
  readonly reason: string | null;
  /** Of the event that holds statement and signature. */
  readonly sequence: number;
}

export type IgnoredKind =
  | "unreadable"
  | "another-pipeline"
  | "another-environment"
  | "another-plan"
  | "bad-signature"
  | "unknown-key"
  | "key-not-allowed"
  | "key-not-valid"
  | "nobody"
  | "consumed"
  | "expired"
  | "too-long"
  | "author"
  | "requester"
  | "twice";

export interface IgnoredApproval {
  /** A name of the signers file where the signature proved it, else who the ledger says it came from. */
  readonly who: string;
  readonly kind: IgnoredKind;
  readonly why: string;
  readonly when: string;
  readonly sequence: number;
}

export interface Rejection {
  readonly who: string;
  readonly when: string;
  readonly fingerprint: string;
  readonly reason: string | null;
  readonly sequence: number;
}
