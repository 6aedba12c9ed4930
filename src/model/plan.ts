import type { Json } from "./canonical-json.ts";
import type { Limit } from "./metric.ts";

/**
 * What a deploy is going to do, as data (design rule 5.1). Everything in it is hashed; nothing in it depends
 * on the clock, the host, or who looks at it. release/plan/schema.ts says the same of a file; a test holds the two together.
 */
export interface Plan {
  readonly schema: 1;
  readonly action: PlanAction;
  readonly environment: string;
  readonly pipeline: string;
  readonly release: Release;
  /** What was live when the plan was made; null before the first deploy. */
  readonly from: Release | null;
  readonly operations: readonly Operation[];
  /** After how long what does not end is given up. */
  readonly timeouts: Timeouts;
  /** How to return to `from`, in order; empty when there is nothing to return to. */
  readonly wayBack: { readonly operations: readonly Operation[]; readonly impossible: readonly string[] };
  /** What was written since `from`, newest first. */
  readonly changes: PlannedChanges;
  /** What has to be true before it may be applied; never whether it is. */
  readonly gates: readonly Requirement[];
  readonly policy: PlannedPolicy;
  /** Why gates are passed by; null in the ordinary case. */
  readonly emergency: { readonly reason: string; readonly ticket: string } | null;
  readonly standIns: readonly string[];
  /** Sequence and hash of the environment's last event that changed what runs; null before the first. */
  readonly after: { readonly sequence: number; readonly hash: string } | null;
}

/** In seconds. */
export interface Timeouts {
  /** For all operations together; the way back has none. */
  readonly deploy: number;
  /** Also for a backup and a restore. */
  readonly migrate: number;
  /** For each other operation, beside the time that it is meant to wait. */
  readonly operation: number;
}

/** `restore` goes back to a release together with the database that it had. */
export type PlanAction = "deploy" | "rollback" | "restore";

export interface PlannedChanges {
  /** False where the history that was at hand does not reach `from`: then who wrote what is not known. */
  readonly complete: boolean;
  readonly commits: readonly PlannedCommit[];
}

export interface PlannedCommit {
  /** 40 hex digits. */
  readonly commit: string;
  readonly subject: string;
  readonly author: Author;
  readonly coAuthors: readonly Author[];
}

export interface Author {
  readonly name: string;
  readonly email: string;
}

/** The rules that a plan is judged by. */
export interface PlannedPolicy {
  /** Hash of the rules and of the signers file. */
  readonly hash: string;
  /** The commit that they are from: the last one proven there; null for the first deploy, which brings its own. */
  readonly commit: string | null;
  /** Hash of other rules, which come into force once the release is proven; absent where they stay the same. */
  readonly brings?: string;
}

/** One thing that a gate asks for. The fields are what the policy says, in its own words. */
export interface Requirement {
  readonly gate: GateName;
  readonly asks: Json;
  /** True for one that an emergency passes by. */
  readonly skipped?: boolean;
}

export type GateName = "emergency" | "branch" | "promotion" | "windows" | "checklist" | "approvals";

/** One set of images from one commit: what an environment runs, or is asked to run. */
export interface Release {
  /** Short and readable, unique in the ledger: the commit's short SHA, with `-dirty.<8 hex>` for a dirty tree. */
  readonly version: string;
  /** 40 hex digits. */
  readonly commit: string;
  readonly branch: string | null;
  readonly services: readonly ServiceRelease[];
  /** The names of the migrations that this release's code expects, oldest first. */
  readonly migrations: readonly string[];
  /** What its code reads and writes of the database; absent where nobody recorded it. */
  readonly uses?: DatabaseUses;
}

/** By the names that the database has: what is not here may go once no such release runs or can come back. */
export interface DatabaseUses {
  /** Columns by table: `orders`, `billing.orders`. */
  readonly tables: Readonly<Record<string, readonly string[]>>;
  readonly types: readonly string[];
  /** What SQL of the team's own uses, as `orders` or `orders.total`; null where nobody said. */
  readonly sql: readonly string[] | null;
}

/** One service of a release, complete: a target needs nothing else to run it. */
export interface ServiceRelease {
  readonly name: string;
  /** `host:port/repository@sha256:<64 hex>`. */
  readonly image: string;
  /** The port that the service listens on in its container; `PORT` tells it the one to use. */
  readonly port: number;
  readonly replicas: number;
  /** What each replica may take; absent where nothing limits it. */
  readonly limits?: ServiceLimits;
  /** Plain variables. A value may hold `${services.<name>.url}`, which the target fills in. */
  readonly variables: Readonly<Record<string, string>>;
  /** Names only: the target gets the values beside the plan. */
  readonly secretNames: readonly string[];
  readonly probes: Probes;
  /** Seconds that a replica taken out of rotation gets to finish its requests. */
  readonly drainSeconds: number;
  /** Services that must be ready before this one starts. */
  readonly needs: readonly string[];
}

export interface ServiceLimits {
  /** CPUs, 0.5 for half of one. */
  readonly cpus?: number;
  readonly memoryMiB?: number;
}

/** HTTP paths; a replica is ready when `ready` answers 2xx. */
export interface Probes {
  readonly startup: string | null;
  readonly ready: string;
  readonly live: string | null;
  /** Seconds from start to the first ready answer. */
  readonly startupTimeoutSeconds: number;
}

/** One step of a plan. Each is journaled before and after, and can be observed to be done or not done. */
export type Operation =
  | BackupOperation
  | RestoreOperation
  /** Keeps visitors out, or lets them in again; Fairway's own requests and those of the replicas pass. */
  | { readonly kind: "maintenance"; readonly on: boolean }
  | { readonly kind: "migrate"; readonly migrations: readonly PlannedMigration[] }
  | {
      readonly kind: "replace-replica";
      readonly service: string;
      readonly index: number;
      /** Slots that are replaced at the same time. @default none */
      readonly also?: readonly number[];
      /** So many of all these are stopped before their successors start; the others after. @default 0 */
      readonly unavailable?: number;
      readonly version: string;
      /** False where nothing is in the slot: there is nothing to drain. @default true */
      readonly replaces?: boolean;
      /** Why a replica that runs this version already is replaced: names of secrets that have another value now. */
      readonly changedSecrets?: readonly string[];
    }
  | { readonly kind: "remove-replica"; readonly service: string; readonly index: number }
  | StartBesideOperation
  | SetWeightOperation
  | TakeOverOperation
  | StopBesideOperation
  | AnalyseOperation
  /** One write that changes the images of all services; a target that rolls out by itself does the rest. */
  | { readonly kind: "set-images"; readonly version: string; readonly images: readonly ImageChange[] }
  /** Waits until the target says that the release runs and is healthy. */
  | { readonly kind: "await-healthy"; readonly version: string; readonly timeoutSeconds: number }
  /** Asks what the services cannot do without. Changes nothing. */
  | {
      readonly kind: "check-dependencies";
      readonly checks: readonly DependencyCheck[];
      readonly timeoutSeconds: number;
    }
  | {
      readonly kind: "smoke";
      readonly checks: readonly SmokeCheck[];
      /** Asks what runs beside, at its idle address. @default the public address */
      readonly side?: "beside";
    }
  /** A script of the release's commit, run against what serves. */
  | { readonly kind: "run-script"; readonly script: string }
  /** Looks at the release that serves, again and again, before it counts as proven. */
  | {
      readonly kind: "watch";
      readonly seconds: number;
      readonly rollBackOn: readonly ("health" | "smoke")[];
      readonly smoke: readonly SmokeCheck[];
      /** Services of which what runs beside has all visitors, and is what is looked at; absent for none. */
      readonly beside?: readonly string[];
      /** What a person has to decide; null for nothing. */
      readonly reviewOn: ReviewLimits | null;
    }
  | { readonly kind: "tag-images"; readonly tags: readonly ImageTag[] };

/** A release that exceeds one of them is live, and not proven until a person says so. */
export interface ReviewLimits {
  /** Share of the requests that were answered 5xx or cut off. */
  readonly errorRatePercent: number | null;
  readonly p95Milliseconds: number | null;
}

/**
 * Brings the replicas of a version that run beside those that serve to a number: more than before when a weight grows,
 * never fewer. Visitors do not reach them until a weight says so; they answer at the service's idle address. What another
 * version left beside is stopped first.
 */
export interface StartBesideOperation {
  readonly kind: "start-beside";
  readonly service: string;
  readonly version: string;
  readonly replicas: number;
}

/**
 * Of 100 requests of each of these services so many go to what runs beside; all of the services change at once. 100 is a
 * switch, and 0 takes it back.
 */
export interface SetWeightOperation {
  readonly kind: "set-weight";
  readonly version: string;
  readonly services: readonly string[];
  /** 0 to 100, in tenths at finest. */
  readonly percent: number;
  /** A visitor stays on the side that he got: he moves to what runs beside when the weight grows, and never back while it does not shrink. */
  readonly sticky: boolean;
}

/**
 * What runs beside takes the slots, with all replicas that the release asks for (those that are missing are started
 * first); what served is drained and stopped. Afterwards nothing runs beside, and there is no weight.
 */
export interface TakeOverOperation {
  readonly kind: "take-over";
  readonly service: string;
  readonly version: string;
}

/** Takes visitors away from what runs beside, drains and stops it: the way back of a rollout that is not finished. */
export interface StopBesideOperation {
  readonly kind: "stop-beside";
  readonly service: string;
}

/**
 * Looks at what gets a part of the requests until it is known whether it is as good as what serves beside it. That can be
 * the case, or not, or not be known: then the hold is extended, and after that a person decides.
 */
export interface AnalyseOperation {
  readonly kind: "analyse";
  readonly version: string;
  /** Of the visitors, to what is looked at. */
  readonly percent: number;
  /** Each is judged by itself. */
  readonly limits: readonly JudgedLimit[];
  /** Nothing passes before; what fails, fails at any look. */
  readonly holdSeconds: number;
  /** For so much longer it may wait for what is missing. */
  readonly extendSeconds: number;
  readonly lookSeconds: number;
  readonly rule: AnalysisRule;
  /** So many looks in a row have to fail. */
  readonly failedLooks: number;
  /** So many looks in a row at which a source cannot be read, and nothing is known any more. */
  readonly sourceErrors: number;
  /** What is done where it is not known in the end. */
  readonly whenInsufficient: "hold" | "roll-back";
}

export interface JudgedLimit {
  readonly service: string;
  readonly limit: Limit;
}

export interface AnalysisRule {
  /** What all looks at one limit of this step may spend: the rollout's, shared by its steps and their limits. */
  readonly alpha: number;
  /** The probability with which twice a limit is noticed. */
  readonly power: number;
  /** The share of errors, 0 to 1, that the version that serves is planned with. */
  readonly expected: number;
  /** With fewer requests of either version nothing passes. */
  readonly atLeast: number;
}

/** Keeps the database as it is. Its id is that of the deployment. */
export interface BackupOperation {
  readonly kind: "backup";
  /** Names of those that the database has, oldest first. */
  readonly migrations: readonly string[];
  /** How many stay, with this one; null where somebody else clears up. */
  readonly keep: number | null;
  /** The repository's script that makes it; null where the target does. */
  readonly script: string | null;
}

/** Puts a backup in the place of the database; what serves from it is stopped first, where that is in reach. */
export interface RestoreOperation {
  readonly kind: "restore";
  /** The deployment that made it. */
  readonly backup: string;
  /** What it is called where it is. */
  readonly reference: string;
  /** Those that the database has afterwards. */
  readonly migrations: readonly PlannedMigration[];
  readonly script: string | null;
}

export interface ImageChange {
  readonly service: string;
  /** `host/repository@sha256:<64 hex>` */
  readonly image: string;
  /** What was there when the plan was made: anything else is not overwritten. Null where nothing was. */
  readonly replaces: string | null;
}

export interface PlannedMigration {
  readonly name: string;
  readonly phase: "expand" | "backfill" | "contract" | "unknown";
  /** SHA-256 of the file in hexadecimal: who approves the plan approves this text. */
  readonly checksum?: string;
  /** Whether code that is live, or that one may go back to, goes on working after it; absent for `works`. */
  readonly liveCode?: "breaks" | "unknown";
  /** Why its phase is another one than its statements have: what stands in the file. */
  readonly phaseReason?: string;
}

/** Whether code from before it may fail once it is applied: the way back past it is closed. */
export function breaksOlderCode(phase: PlannedMigration["phase"]): boolean {
  return phase === "contract" || phase === "unknown";
}

export type DependencyCheck =
  | { readonly kind: "database"; readonly at: DependencyUrl }
  | { readonly kind: "redis"; readonly at: DependencyUrl }
  | {
      readonly kind: "http";
      readonly url: string;
      readonly status: number;
      /** Text that the body must contain; null for any body. */
      readonly contains: string | null;
    }
  | {
      readonly kind: "certificate";
      readonly host: string;
      readonly port: number;
      /** Days for which it must still be good. */
      readonly minDays: number;
    };

/** The name of the secret that holds it, or the URL itself where that is no secret. */
export type DependencyUrl = { readonly secret: string } | { readonly url: string };

export interface SmokeCheck {
  readonly service: string;
  readonly path: string;
  readonly status: number;
  /** Text that the body must contain; null for any body. */
  readonly contains: string | null;
}

export interface ImageTag {
  /** `host:port/repository@sha256:...` */
  readonly image: string;
  readonly tag: string;
}
