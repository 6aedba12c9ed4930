import { failure, held, usageError } from "../../model/errors.ts";
import type { Plan, RestoreOperation } from "../../model/plan.ts";
import type { ReleaseContext } from "../apply/context.ts";
import type { EnvironmentState, ProvenRelease } from "../state.ts";
import type { KeptBackup } from "./kept.ts";

type Where = Pick<ReleaseContext, "environment" | "command" | "clock" | "backups" | "backupPolicy">;

interface ChosenBackup {
  readonly backup: KeptBackup;
  /** What was live when it was made. */
  readonly of: ProvenRelease;
}

/** Those that the ledger knows of and that are still there, oldest first. */
export async function restorable(
  { backups }: Pick<EnvironmentState, "backups">,
  where: Pick<ReleaseContext, "backups">,
): Promise<readonly KeptBackup[]> {
  if (where.backups === undefined) return [];
  const there = await where.backups.list();
  return there === null ? backups : backups.filter(({ id }) => there.includes(id));
}

/**
 * The backup of this id; the newest for `""`.
 * @throws FairwayError NO_BACKUP (exit 1), BACKUP_UNKNOWN (exit 2) that lists those there are, BACKUP_OF_NOTHING (exit 3)
 */
export async function chosenBackup(id: string, state: EnvironmentState, where: Where): Promise<ChosenBackup> {
  const known = await restorable(state, where);
  if (known.length === 0) throw noBackup(where);
  const backup = id === "" ? known.at(-1) : known.find((one) => one.id === id);
  if (backup === undefined) throw unknownBackup(id, known, where);
  if (backup.of === null) throw ofNothing(backup, where);
  return { backup, of: backup.of };
}

/**
 * What was written since is lost: that is said, and nothing is done until somebody says that it is meant.
 * @throws FairwayError REASON_MISSING (exit 2), RESTORE_UNCONFIRMED (exit 3)
 */
export function requireConfirmed(
  { backup, of }: ChosenBackup,
  {
    reason,
    confirm,
    given,
  }: { readonly reason: string; readonly confirm: boolean; readonly given?: Plan | undefined },
  { environment, command, clock, backupPolicy }: Where,
): void {
  const which = given === undefined ? `--backup ${backup.id}` : "--plan plan.json";
  const again = `${command} restore --env ${environment} ${which}`;
  if (reason.trim() === "") {
    throw usageError("a restore has a reason", {
      code: "REASON_MISSING",
      place: "--reason",
      remedy: `Say why; it stands in the ledger:\n${again} --reason "A migration lost the addresses"`,
    });
  }
  if (confirm) return;
  const at = backup.at.slice(0, 19).replace("T", " ");
  const age = ageText(clock.now().getTime() - Date.parse(backup.at));
  const now = (backupPolicy?.script ?? null) === null ? " What is there now is kept as a backup." : "";
  throw held(
    `backup ${backup.id} is ${age} old (${at} UTC): the database of ${environment} would be what it was then, with ` +
      `${of.release.version}, which was live. What was written since would not be in it.${now} Nothing was changed.`,
    {
      code: "RESTORE_UNCONFIRMED",
      remedy: `When that is meant:\n${again} --reason ${JSON.stringify(reason)} --confirm`,
    },
  );
}

/** The backup that a plan restores; `""` for a plan of something else, or none. */
export function backupOfPlan(plan: Plan | undefined): string {
  const operation = plan?.operations.find(({ kind }) => kind === "restore");
  return operation?.kind === "restore" ? operation.backup : "";
}

export function restoreOperation(
  { id, reference, migrations }: KeptBackup,
  { backupPolicy }: Pick<ReleaseContext, "backupPolicy">,
): RestoreOperation {
  return {
    kind: "restore",
    backup: id,
    reference,
    migrations,
    script: backupPolicy?.restoreScript ?? null,
  };
}

function noBackup({ environment, command, backupPolicy }: Where): Error {
  const none = backupPolicy === null || backupPolicy === undefined;
  return failure(`there is no backup of ${environment}'s database${none ? ", and none is made" : ""}.`, {
    code: "NO_BACKUP",
    remedy: none
      ? `Have one made from now on: fairway.yaml environments.${environment}.backup`
      : `When one is made: ${command} plan --env ${environment}`,
  });
}

function unknownBackup(id: string, known: readonly KeptBackup[], { environment }: Where): Error {
  const list = known.toReversed().map((one) => {
    const version = one.of?.release.version ?? "nothing";
    return `${one.id}, of ${one.at.slice(0, 19).replace("T", " ")} UTC, when ${version} was live`;
  });
  return usageError(`${environment} has no backup ${JSON.stringify(id)}.`, {
    code: "BACKUP_UNKNOWN",
    place: "--backup",
    remedy: `There are:\n${list.join("\n")}`,
  });
}

function ofNothing({ id, reference, migrations }: KeptBackup, { environment, command }: Where): Error {
  const has = migrations.length === 0 ? "none" : migrations.map(({ name }) => name).join(", ");
  return held(
    `backup ${id} is from before anything was proven in ${environment}: there is no release to bring back with it. ` +
      "Nothing was changed.",
    {
      code: "BACKUP_OF_NOTHING",
      remedy:
        `Bring it back by hand (${reference}; migrations that it has: ${has}), then deploy:\n` +
        `${command} deploy --env ${environment}`,
    },
  );
}

/** `3 h`, `2 days` */
function ageText(milliseconds: number): string {
  const minutes = Math.max(0, Math.round(milliseconds / 60_000));
  if (minutes < 120) return `${String(minutes)} min`;
  const hours = Math.round(minutes / 60);
  return hours < 48 ? `${String(hours)} h` : `${String(Math.round(hours / 24))} days`;
}
