import type { MadeBackup } from "../../model/backup.ts";
import type { PlannedMigration } from "../../model/plan.ts";
import type { ProvenRelease } from "../state.ts";

/** A backup that the ledger knows of, with what it is a backup of. */
export interface KeptBackup extends MadeBackup {
  /** RFC 3339, UTC: when it was complete. */
  readonly at: string;
  readonly actor: string;
  /** The deployment that made it. */
  readonly deployment: string;
  /** What was live then; null where nothing was proven yet. */
  readonly of: ProvenRelease | null;
  /** Those that the database had. */
  readonly migrations: readonly PlannedMigration[];
}
