import type { OperationContext, OperationResult } from "./target.ts";

/** Where backups of an environment's database are made, and brought back from. */
export interface Backups {
  /**
   * Makes one of this id. Asked again after a crash it begins anew; half a one can neither be listed nor restored.
   * @throws FairwayError, with nothing left behind
   */
  make(request: BackupRequest, context: OperationContext): Promise<BackupResult>;
  /**
   * Puts a backup in the place of the database, and answers what became of what was there, where that is kept. Whatever
   * serves from the database is stopped first, where that is in reach. Asked again by a deployment of which `restoreState` says
   * `done`, it changes nothing.
   */
  restore(request: RestoreRequest, context: OperationContext): Promise<BackupResult>;
  /** What became of a restore that began and whose end nobody wrote down; asked once the target was prepared. */
  restoreState(request: RestoreRequest): Promise<"done" | "not done" | "unknown">;
  /** Ids of those that can be restored now; null where that is not known here. */
  list(): Promise<readonly string[] | null>;
}

export interface BackupRequest {
  readonly id: string;
  /** How many stay, with this one; null where somebody else clears up. */
  readonly keep: number | null;
}

export interface RestoreRequest {
  readonly backup: string;
  /** What it is called where it is: a snapshot's id. */
  readonly reference: string;
  /** The deployment that asks: what is there now is kept under this id. */
  readonly deployment: string;
}

export interface BackupResult extends OperationResult {
  /** The backup that there is now; null for none. */
  readonly backup: MadeBackup | null;
}

export interface MadeBackup {
  readonly id: string;
  readonly reference: string;
  /** Null where it is not known. */
  readonly sizeBytes: number | null;
}
