import { backupOf } from "../../config/config.ts";
import type { Backups } from "../../model/backup.ts";
import type { BackupPolicy } from "../../release/backup/policy.ts";
import { configOf, settingsOf } from "./brought.ts";
import { requireTaken, type Place } from "./place.ts";
import type { SimulatedProcess } from "./process.ts";
import type { Scripts } from "./scripts.ts";
import type { World } from "./world.ts";

/** When backups are made in an environment; null where the commit's config says nothing of them. */
export function backupPolicyOf(
  world: World,
  environment: string,
  version: string | null,
): BackupPolicy | null {
  const { backup } = settingsOf(world, environment, version);
  const own = backup === undefined ? null : backupOf(configOf(world, version), environment);
  if (own === null) return null;
  const { script = null, restore: restoreScript = null } = backup ?? {};
  return { before: own.before, keep: script === null ? own.keep : null, script, restoreScript };
}

/** Backups as a process reaches them: those of the target come to their ends without it, and a script does not. */
export function backupsFor(
  place: Place,
  policy: BackupPolicy | null,
  { process, scripts }: { readonly process: SimulatedProcess; readonly scripts: Scripts },
): Backups {
  const { ask } = process;
  const { backups } = place;
  const own: Backups = {
    make: (request, context) =>
      ask(async () => {
        requireTaken(place, "backup");
        return backups.make(request, context);
      }),
    restore: (request, context) =>
      ask(async () => {
        requireTaken(place, "restore");
        return backups.restore(request, context);
      }),
    restoreState: (request) => ask(() => backups.restoreState(request)),
    list: () => ask(() => backups.list()),
  };
  const { script = null, restoreScript = null } = policy ?? {};
  if (script === null || restoreScript === null) return own;
  const code = "BACKUP_SCRIPT_FAILED";
  return {
    make: (request, context) =>
      ask(async () => {
        await scripts.run(script, code, context.signal);
        await own.make(request, context);
        const { id } = request;
        const reference = `snapshot-${id}`;
        return { observed: `backup ${id} is ${reference}`, backup: { id, reference, sizeBytes: null } };
      }),
    restore: (request, context) =>
      ask(async () => {
        await scripts.run(restoreScript, code, context.signal);
        await own.restore(request, context);
        const { backup, reference } = request;
        return { observed: `the database is that of backup ${backup} (${reference})`, backup: null };
      }),
    // Only whoever looks at the database can tell.
    restoreState: () => ask(async () => "unknown" as const),
    list: () => ask(async () => null),
  };
}
