import { mkdir, rm } from "node:fs/promises";
import { dirname } from "node:path";
import { copyTree, holdsData } from "../../../host/postgres/postgres.ts";
import { failure, isFairwayError } from "../../../model/errors.ts";
import { sizeText } from "../../../model/size.ts";
import type { BackupRequest, BackupResult, RestoreRequest } from "../../../model/backup.ts";
import { completeBackup, dataOf, hasBackup, prune, storeBackup, storedBackup } from "./backups.ts";
import type { EnvironmentDatabase } from "./database.ts";
import type { EnvironmentPaths } from "./paths.ts";
import type { EnvironmentState, Restoring } from "./state.ts";
import { exchange, swapOf, takeBack } from "./swap.ts";

type Report = (line: string) => void;

/** What a supervisor does about backups, in its turn. */
export interface DatabaseBackups {
  make(request: BackupRequest, report: Report, signal: AbortSignal): Promise<BackupResult>;
  restore(request: RestoreRequest, report: Report, signal: AbortSignal): Promise<BackupResult>;
  /** After a restore that was cut off: what was there before is there again, or what was put there stays. */
  settle(): Promise<void>;
}

interface Surroundings {
  readonly paths: EnvironmentPaths;
  readonly remembered: () => EnvironmentState;
  readonly save: (change: Partial<EnvironmentState>) => Promise<void>;
  readonly running: () => EnvironmentDatabase | undefined;
  /** Ends what serves from the database, and its server. */
  readonly stop: (report: Report) => Promise<void>;
  /** Starts the server on what is in the directory of this major. */
  readonly start: (major: string) => Promise<void>;
  /** @throws FairwayError POSTGRES_VERSION for another major than the environment's */
  readonly checkMajor: (major: string) => void;
}

export function createDatabaseBackups(around: Surroundings): DatabaseBackups {
  const { paths, remembered, save, running, stop, start, checkMajor } = around;

  const settle = async (): Promise<void> => {
    const { restoring } = remembered();
    if (restoring === undefined || restoring === null) return;
    if (restoring.answered) await keepReplaced(restoring);
    else await takeBack(swapOf(paths, restoring.postgresMajor));
    await save({ restoring: null });
  };

  /** What was replaced becomes a backup of its own: nothing that somebody wrote is gone for good. */
  const keepReplaced = async ({ deployment, postgresMajor }: Restoring): Promise<BackupResult["backup"]> => {
    const { replaced } = swapOf(paths, postgresMajor);
    if (!holdsData(replaced)) return hasBackup(paths.backups, deployment) ? named(deployment, null) : null;
    if (hasBackup(paths.backups, deployment)) {
      // Of the first try; what was replaced since is what that one had put there.
      await rm(dirname(replaced), { recursive: true, force: true });
      return named(deployment, null);
    }
    const at = new Date().toISOString();
    await completeBackup(paths.backups, dirname(replaced), {
      id: deployment,
      at,
      postgresMajor,
      sizeBytes: null,
    });
    return named(deployment, null);
  };

  return {
    settle,
    make: async ({ id, keep }, report, signal) => {
      const database = running();
      if (database === undefined) throw noDatabase(remembered().environment);
      const [postgresMajor = ""] = database.version.split(".");
      const stored = await storeBackup(paths.backups, id, async (data) => ({
        postgresMajor,
        sizeBytes: await database.backUp(data, signal),
      }));
      const size = sizeText(stored.sizeBytes);
      report(`backup ${id}: ${size}`);
      const removed = keep === null ? [] : await prune(paths.backups, keep, id);
      if (removed.length > 0) report(`older backups were removed: ${removed.join(", ")}`);
      return { observed: `backup ${id}, ${size}`, backup: named(id, stored.sizeBytes) };
    },
    restore: async ({ backup, deployment }, report, signal) => {
      await settle();
      if (remembered().restoredBy === deployment) {
        // Asked again after a crash: it is in place, and may have been served from.
        const kept = hasBackup(paths.backups, deployment) ? named(deployment, null) : null;
        return { observed: `the database is that of backup ${backup}`, backup: kept };
      }
      const { postgresMajor } = await storedBackup(paths.backups, backup);
      checkMajor(postgresMajor);
      const swap = swapOf(paths, postgresMajor);
      // While everything serves still: what takes long, or fails for want of space, costs nobody anything.
      await rm(swap.draft, { recursive: true, force: true });
      await mkdir(paths.postgres, { recursive: true });
      try {
        const bytes = await copyTree(dataOf(paths.backups, backup), swap.draft, { signal });
        report(`${sizeText(bytes)} of backup ${backup} are copied`);
        signal.throwIfAborted();
      } catch (error) {
        await rm(swap.draft, { recursive: true, force: true });
        throw error;
      }
      const restoring: Restoring = { deployment, postgresMajor, answered: false };
      await save({ restoring });
      await stop(report);
      try {
        await exchange(swap);
        await start(postgresMajor);
      } catch (error) {
        await stop(report);
        await takeBack(swap);
        await save({ restoring: null });
        if (holdsData(swap.data)) await start(postgresMajor);
        throw notRestored(backup, error);
      }
      await save({ restoring: { ...restoring, answered: true }, restoredBy: deployment });
      const kept = await keepReplaced(restoring);
      await save({ restoring: null });
      const instead = kept === null ? "" : `; what was there is backup ${kept.id}`;
      report(`the database is that of backup ${backup}${instead}`);
      return { observed: `the database is that of backup ${backup}${instead}`, backup: kept };
    },
  };
}

function named(id: string, sizeBytes: number | null): NonNullable<BackupResult["backup"]> {
  return { id, reference: id, sizeBytes };
}

function noDatabase(environment: string): Error {
  return failure(`the database of ${environment} does not run, so it cannot be backed up`, {
    code: "DATABASE_DOWN",
    remedy: `npx fairway status --env ${environment}`,
  });
}

function notRestored(backup: string, cause: unknown): Error {
  const why = cause instanceof Error ? cause.message : String(cause);
  return failure(`no server starts on backup ${backup}: ${why}. What was there before is there again`, {
    code: "RESTORE_FAILED",
    output: isFairwayError(cause) ? cause.output : undefined,
    remedy: "Restore an older one: npx fairway backups lists them.",
    cause,
  });
}
