import type { Json } from "./canonical-json.ts";

/**
 * What happened, in order, for ever: append-only events, each holding the hash of the one before it. `status`,
 * `history` and the change record are views of it.
 */
export interface Ledger {
  readonly kind: string;
  /**
   * Appends one event. With a lease, the append is refused (`LEASE_LOST`) unless that lease is still the
   * environment's current one, in the same transaction.
   */
  append(event: NewLedgerEvent, lease?: Lease): Promise<LedgerEvent>;
  /** Events in order of sequence. */
  read(filter?: LedgerFilter): Promise<readonly LedgerEvent[]>;
  /** Takes the environment's lease, or says who has it. A lease whose time is over can be taken. */
  acquire(request: LeaseRequest): Promise<LeaseAnswer>;
  /** Extends a lease that is still held; refused (`LEASE_LOST`) when another holder has taken it. */
  renew(lease: Lease, ttlSeconds: number): Promise<Lease>;
  release(lease: Lease): Promise<void>;
  /** Who holds the environment's lease now, without taking it. */
  holder(environment: string): Promise<Lease | null>;
  close(): Promise<void>;
}

export interface NewLedgerEvent {
  readonly environment: string;
  /** The deployment that this belongs to; null for what belongs to none. */
  readonly deployment: string | null;
  readonly type: string;
  /** Who: `ada@laptop`, a CI job. */
  readonly actor: string;
  readonly payload: Json;
}

export interface LedgerEvent extends NewLedgerEvent {
  /** 1, 2, 3, ... in this ledger. */
  readonly sequence: number;
  /** RFC 3339, UTC. */
  readonly at: string;
  /** Hash of the event before; `sha256:000...` for the first. */
  readonly previousHash: string;
  /** hashOf all the fields above. */
  readonly hash: string;
}

export interface LedgerFilter {
  readonly environment?: string;
  readonly deployment?: string;
  readonly types?: readonly string[];
  readonly afterSequence?: number;
}

export interface LeaseRequest {
  readonly environment: string;
  readonly holder: string;
  /** What it is for, for the one who has to wait: `deploy of 4f2a9c1`. */
  readonly purpose: string;
  readonly ttlSeconds: number;
}

export interface Lease {
  readonly environment: string;
  readonly holder: string;
  readonly purpose: string;
  /** Larger with every acquire of this environment; never reused. */
  readonly fencingToken: number;
  readonly acquiredAt: string;
  readonly expiresAt: string;
}

export type LeaseAnswer =
  { readonly granted: true; readonly lease: Lease } | { readonly granted: false; readonly holder: Lease };
