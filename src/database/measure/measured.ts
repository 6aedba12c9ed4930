import type { LockMode } from "../lock-modes.ts";
/** What was measured; plain data, which may be kept as JSON. Durations are milliseconds of the machine that measured. */
export interface MeasuredLocks {
  readonly server: MeasuredServer;
  /** Rows of the largest table that was filled, at each size; smallest first. */
  readonly sizes: readonly number[];
  readonly tables: readonly FilledTable[];
  /** In the order in which they would be applied. */
  readonly statements: readonly MeasuredStatement[];
}

/** Settings of the server that the figures depend on. */
export interface MeasuredServer {
  /** `18.4` */
  readonly version: string;
  /** With `minimal` a table that is rewritten writes no WAL: its bytes are then no figure. */
  readonly walLevel: string;
  /** `off`: the WAL bytes lack the images of pages that a production server writes after each checkpoint. */
  readonly fullPageWrites: boolean;
  /** `off`: no duration holds the time of a disk. */
  readonly fsync: boolean;
}

/** A table of the earlier migrations that the new ones lock. */
export interface FilledTable {
  /** As PostgreSQL names it, with its schema unless that is `public`. */
  readonly table: string;
  /** Rows at each size; fewer than were wanted where unique values ran out. */
  readonly rows: readonly number[];
  /** Why it could not be filled; every figure of a statement that locks it is then insufficient. */
  readonly problem: string | null;
}

export interface MeasuredStatement {
  /** The migration's name. */
  readonly migration: string;
  readonly path: string;
  /** From 1. */
  readonly line: number;
  readonly sql: string;
  /** Tables of the earlier migrations that it locks; most locked first. */
  readonly tables: readonly string[];
  /** False for what PostgreSQL refuses in a transaction: its locks are those that were seen while it ran. */
  readonly transaction: boolean;
  /** Which of the file's transactions it is in when the file is sent at once, as Prisma does; from 0. */
  readonly nth: number;
  /** Locks on relations that were there before it, and on those that it made; strongest first. */
  readonly locks: readonly LockTaken[];
  /** Relations whose file was replaced, as seen by file node: a table that was rewritten, an index that was rebuilt. */
  readonly rewrites: readonly string[];
  /** Who had to wait for it, by table; of the probes at the largest size. */
  readonly blocked: readonly Blocked[];
  /** One for each size at which it ran, smallest first. */
  readonly samples: readonly Sample[];
  /** Why there are no figures, or not all: the statement failed, a table could not be filled. */
  readonly problem: string | null;
}

export interface LockTaken {
  readonly relation: string;
  readonly kind: RelationKind;
  readonly mode: LockMode;
  /** False where it was only ever seen waiting. */
  readonly granted: boolean;
  /** Made by the statement itself, or by one before it: nobody else uses it yet. */
  readonly isNew: boolean;
}

export type RelationKind = "table" | "index" | "view" | "materialized view" | "sequence" | "other";

/** How one table's probes fared while the statement's transaction was open. */
export interface Blocked {
  /** As the earlier migrations name it. */
  readonly table: string;
  readonly reads: Fared;
  readonly writes: Fared;
}

/**
 * `waits`: was seen waiting for the statement, and went on only after its commit. `briefly`: waited for it, and went on before
 * its end. `free`: never waited. `unknown`: no probe could use the table.
 */
export type Fared = "waits" | "briefly" | "free" | "unknown";

/** The figures of one statement at one size. */
export interface Sample {
  /** Of the largest table that the statement locks. */
  readonly rows: number;
  /** Statement and commit, of each run without probes. */
  readonly durationsMs: readonly number[];
  /** WAL written meanwhile, of each run without probes. */
  readonly walBytes: readonly number[];
  /** Rows that it read or wrote, as PostgreSQL counts them; null where that cannot be told. */
  readonly touchedRows: number | null;
  /** Of the run with probes. */
  readonly waits: readonly Waited[];
}

/** How long the probes of one table waited for the statement. */
export interface Waited {
  readonly table: string;
  readonly probe: "reads" | "writes";
  /** Requests during the statement. */
  readonly attempts: number;
  /** Those that were seen waiting for it. */
  readonly blocked: number;
  readonly maxMs: number;
  readonly totalMs: number;
}
