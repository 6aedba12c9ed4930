import type { Backups } from "./backup.ts";
import type {
  Operation,
  Release,
  ServiceRelease,
  SetWeightOperation,
  SmokeCheck,
  StartBesideOperation,
  StopBesideOperation,
  TakeOverOperation,
} from "./plan.ts";

/** Where releases run. `local`, `gitops`, ... are factories of it; the release code knows only this. */
export interface Target {
  readonly kind: string;
  readonly environment: string;
  /** Who carries a rollout out: Fairway, replica by replica; or the target, once it is told the whole release. */
  readonly rollout: Rollout;
  /** What it can do beside replacing replicas, or setting images. @default nothing */
  readonly capabilities?: readonly Capability[];
  /**
   * What runs now, read from the target itself and from nothing else. With `secrets` it also says which replicas run
   * with other values of them, as far as the target can tell.
   */
  observe(secrets?: Readonly<Record<string, string>>): Promise<Observation>;
  /**
   * Makes the environment ready to be deployed to (its database server, its proxy) and answers where its
   * database is. Idempotent. A later call with a smaller token is refused: the caller has lost its lease.
   */
  prepare(context: OperationContext, needs: EnvironmentNeeds): Promise<PreparedEnvironment>;
  /** Runs one operation to its end. Idempotent: asked again after a crash, it finishes what is missing. */
  apply(operation: TargetOperation, release: Release, context: OperationContext): Promise<OperationResult>;
  /**
   * Asks the live service through its public address; with `side` what runs beside it, through its idle address. It gets a
   * moment to answer as expected; `once` is for those who ask again anyway.
   */
  smoke(
    checks: readonly SmokeCheck[],
    context: OperationContext,
    side?: "beside",
    tries?: "once",
  ): Promise<OperationResult>;
  /** What was counted of each service, release and origin since its counters began; absent where the target counts nothing. */
  traffic?(): Promise<readonly Traffic[]>;
  /**
   * Keeps visitors out, or lets them in again, until the next call: also over a restart. Idempotent. Absent where that is
   * not in reach.
   */
  maintain?(on: boolean, context: OperationContext): Promise<OperationResult>;
  /** Of the environment's own database; absent where the database is not the target's. */
  readonly backups?: Backups;
  /** What it does not enforce of what services ask for, in sentences; without it there is nothing. */
  limitations?(services: readonly ServiceRelease[]): readonly string[];
  /** Stops everything of this environment; with `removeData` its database and the backups of it too. */
  stop(context: OperationContext, options: { readonly removeData: boolean }): Promise<void>;
  /** Where people find each service, `http://127.0.0.1:4100`; empty while nothing runs. */
  urls(): Promise<Readonly<Record<string, string>>>;
  logs(options: LogOptions): AsyncIterable<LogLine>;
}

export type Rollout = "by replica" | "as a whole";

/** `beside`: replicas of another version run beside those that serve; `weights`: they get a share of the visitors. */
export type Capability = "beside" | "weights";

export type ReplicaOperation = Extract<Operation, { kind: "replace-replica" | "remove-replica" }>;
export type BesideOperation =
  StartBesideOperation | SetWeightOperation | TakeOverOperation | StopBesideOperation;
export type WholeOperation = Extract<Operation, { kind: "set-images" | "await-healthy" }>;
/** What a target carries out; which of them it is asked for follows from its `rollout` and its `capabilities`. */
export type TargetOperation = ReplicaOperation | BesideOperation | WholeOperation;

/** Counters of the requests of one origin; those of visitors are there from zero on. */
export interface Traffic {
  /** Names the counters, which only grow: with another name they began anew. */
  readonly counters: string;
  /** `services` asked each other, `fairway` is the pipeline itself: smoke tests. */
  readonly origin: "visitors" | "services" | "fairway";
  readonly service: string;
  readonly version: string;
  readonly requests: number;
  /** Answered 5xx, or cut off. */
  readonly failed: number;
  /** Requests by time from request to the end of the answer, faster ones first; without those buckets that are empty. */
  readonly latencies: readonly LatencyBucket[];
  /** Those of the last minutes; absent where the target does not know when they came. */
  readonly recent?: RecentTraffic;
}

export interface RecentTraffic {
  /** Until now. */
  readonly seconds: number;
  readonly requests: number;
}

/** Not cumulative. Buckets of one target either are the same or do not overlap. */
export interface LatencyBucket {
  readonly overSeconds: number;
  /** `null` for any longer. */
  readonly upToSeconds: number | null;
  readonly requests: number;
}

export interface OperationContext {
  /** The lease's fencing token: a target refuses a token below the highest that it has seen. */
  readonly fencingToken: number;
  /** Identifies this attempt in the journal. */
  readonly operationId: string;
  /** Values of the release's secretNames and of the database variable. */
  readonly secrets: Readonly<Record<string, string>>;
  readonly signal: AbortSignal;
  /** Progress for people, free of secrets. */
  readonly report: (line: string) => void;
}

export interface EnvironmentNeeds {
  readonly services: readonly { readonly name: string; readonly port: number }[];
  /** The PostgreSQL major that the environment's own database has; null for none. */
  readonly postgres: string | null;
}

export interface PreparedEnvironment {
  readonly urls: Readonly<Record<string, string>>;
  /** A connection URL that the replicas and the migrate step can use; null without a database. */
  readonly databaseUrl: string | null;
}

export interface OperationResult {
  /** What was observed afterwards, for the journal. */
  readonly observed: string;
}

/** What a target says of itself, without believing anybody's notes. */
export interface Observation {
  readonly services: readonly ObservedService[];
  /** Where the target rolls out by itself: what it was told last, and how far it is. */
  readonly revision?: ObservedRevision;
  /** Null where the environment never had one. */
  readonly database: ObservedDatabase | null;
  /** What a Prometheus can scrape of it; absent where there is no such address. */
  readonly metricsUrl?: string;
  /** While visitors are kept out; null or absent otherwise. */
  readonly maintenance?: ObservedMaintenance | null;
}

/** Who has put maintenance on when it was a person, and no deployment. */
export const byHand = "maintenance";

export interface ObservedMaintenance {
  /** RFC 3339, UTC. */
  readonly since: string;
  /** The deployment that put it on, or `byHand`: a person makes it his own also where it is on. */
  readonly by: string;
}

export interface ObservedRevision {
  /** The commit, or whatever else names one state of the target's wishes. */
  readonly id: string;
  /** By service: `host/repository@sha256:<64 hex>`, or what stands there instead of a digest; null for nothing. */
  readonly images: Readonly<Record<string, string | null>>;
  readonly health: "healthy" | "progressing" | "degraded" | "unknown";
  /** One line for people: what the target said. */
  readonly detail: string;
}

export interface ObservedDatabase {
  readonly running: boolean;
  readonly version: string | null;
  /** Where its data was, when it is not there any more. */
  readonly lostData?: string;
}

export interface ObservedService {
  readonly name: string;
  readonly url: string | null;
  /** Those that serve, in their slots, and those that run beside. */
  readonly replicas: readonly ObservedReplica[];
  /** The share of its visitors that gets what runs beside; absent for none. */
  readonly weight?: ObservedWeight;
  /** Where what runs beside answers, and nothing else does; absent where nothing ever ran beside. */
  readonly idleUrl?: string;
}

export interface ObservedWeight {
  readonly version: string;
  /** Over 0, up to 100. */
  readonly percent: number;
  readonly sticky: boolean;
}

export interface ObservedReplica {
  /** The slot, 0 to replicas-1. A slot has two replicas only in the middle of a replacement. */
  readonly index: number;
  /** It runs beside those that serve, which has slots of its own. */
  readonly beside?: true;
  readonly version: string;
  readonly image: string;
  readonly processId: number;
  readonly state: "starting" | "ready" | "unready" | "draining" | "exited";
  /** True while the proxy sends it visitors' requests: of what runs beside, only when there is a weight. */
  readonly inRotation: boolean;
  readonly startedAt: string;
  /** Why and when it was killed last for what it took of the machine; absent when it never was. */
  readonly lastKilled?: string;
  /** Names of the given secrets that it was started with another value of; absent when there are none. */
  readonly changedSecrets?: readonly string[];
}

/** The replicas that run; with `index` or `version` also those that ended. */
export interface LogOptions {
  readonly service?: string;
  readonly index?: number;
  /** Only replicas of this version, which may be given by its beginning. */
  readonly version?: string;
  readonly lines?: number;
  readonly follow?: boolean;
  readonly signal?: AbortSignal;
  /** Told of each replica that ended, is newer than the one that runs in its place, and is not shown. */
  readonly onHidden?: (replica: Pick<LogLine, "service" | "index" | "version">) => void;
}

export interface LogLine {
  readonly service: string;
  readonly index: number;
  readonly version: string;
  /** Of the replica when it was looked at; absent for one that came while following. */
  readonly state?: LogState;
  readonly text: string;
}

/** `serving` is sent requests; `ended` is what no replica of now has written. */
export type LogState = "serving" | "ended" | Exclude<ObservedReplica["state"], "exited">;
