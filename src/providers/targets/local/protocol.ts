import type { Json } from "../../../model/canonical-json.ts";
import type { BackupRequest, RestoreRequest } from "../../../model/backup.ts";
import type {
  BesideOperation,
  EnvironmentNeeds,
  LogState,
  Observation,
  ReplicaOperation,
} from "../../../model/target.ts";
import type { RuntimeConfig } from "../../../oci/oci.ts";
import type { Release } from "../../../model/plan.ts";

/** What the CLI and the supervisor say to each other over the socket; larger when one cannot read the other. */
export const protocolVersion = 5;

/** What the supervisor announces when it is ready. */
export interface Announcement {
  readonly protocol: number;
  readonly socket: string;
}

export interface ObserveRequest {
  /** To be compared with those that the replicas have. */
  readonly secrets: Readonly<Record<string, string>>;
}

export interface PrepareRequest {
  readonly fencingToken: number;
  readonly needs: EnvironmentNeeds;
}

export interface BackupTask extends BackupRequest {
  readonly fencingToken: number;
  readonly operationId: string;
}

export interface RestoreTask extends RestoreRequest {
  readonly fencingToken: number;
  readonly operationId: string;
}

export interface MaintenanceTask {
  readonly fencingToken: number;
  readonly operationId: string;
  readonly on: boolean;
}

export interface ApplyRequest {
  readonly fencingToken: number;
  readonly operationId: string;
  readonly operation: ReplicaOperation | BesideOperation;
  readonly release: Release;
  /** Of the operation's service; null when nothing is to be started. */
  readonly image: PulledImage | null;
  /** Kept in the supervisor's memory and given to replicas; never written. */
  readonly secrets: Readonly<Record<string, string>>;
}

/** An image whose layers are in this machine's layer store. */
export interface PulledImage {
  readonly reference: string;
  /** Keys in the store, bottom first. */
  readonly layers: readonly string[];
  /** The base that this machine's userland stands in for; null for an image that is complete. */
  readonly base: string | null;
  readonly config: RuntimeConfig;
}

export interface StopRequest {
  readonly fencingToken: number;
  readonly removeData: boolean;
}

export interface AbortRequest {
  readonly operationId: string;
}

/** One line of an answer. A line with a result or an error is the last one. */
export type AnswerLine =
  { readonly report: string } | { readonly result: Json } | { readonly error: ErrorOnTheWire };

export interface ErrorOnTheWire {
  readonly message: string;
  /** Absent when it is no FairwayError. */
  readonly code?: string | undefined;
  readonly exitCode?: number | undefined;
  readonly place?: string | undefined;
  readonly remedy?: string | undefined;
  readonly output?: string | undefined;
}

export interface Snapshot {
  readonly observation: Observation;
  readonly urls: Readonly<Record<string, string>>;
  /** Sent with a request it says that Fairway asks, and no visitor; an older supervisor has none but in maintenance. */
  readonly pass: string | null;
  /** The names of the log files of the replicas that it has; absent in what an older supervisor answers. */
  readonly logs?: Readonly<Record<string, LogState>>;
}
