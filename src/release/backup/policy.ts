import type { BackupOperation, Operation, Plan, PlannedMigration } from "../../model/plan.ts";
import type { EnvironmentState } from "../state.ts";

/** When a database is backed up, and who does it. */
export interface BackupPolicy {
  readonly before: "migrations" | "every-deploy";
  /** How many stay; null where the script decides. */
  readonly keep: number | null;
  /** The repository's scripts; null where the target does it itself. */
  readonly script: string | null;
  readonly restoreScript: string | null;
}

/** What keeps the database as it is before these operations change it; nothing where there is no need, or nothing to keep. */
export function backupOperation(
  policy: BackupPolicy | null,
  work: readonly Operation[],
  plan: {
    readonly action: Plan["action"];
    readonly state: Pick<EnvironmentState, "hasServed" | "appliedMigrations">;
    readonly gating: { readonly emergency: unknown };
  },
): BackupOperation[] {
  if (policy === null || !isNeeded(policy, work, plan)) return [];
  const { keep, script } = policy;
  return [{ kind: "backup", migrations: namesOf(plan.state.appliedMigrations), keep, script }];
}

function isNeeded(
  { before, script }: BackupPolicy,
  work: readonly Operation[],
  { action, state, gating }: Parameters<typeof backupOperation>[2],
): boolean {
  const has = (kind: Operation["kind"]) => work.some((operation) => operation.kind === kind);
  // The target keeps what it replaces; a script has to be asked, unless nobody has the time.
  if (has("restore")) return script !== null && gating.emergency === null;
  // A database of Fairway's own that nothing has served from is empty; what is in another one nobody knows.
  if (script === null && !state.hasServed) return false;
  return has("migrate") || (before === "every-deploy" && action === "deploy" && work.length > 0);
}

function namesOf(migrations: readonly PlannedMigration[]): string[] {
  return migrations.map(({ name }) => name);
}
