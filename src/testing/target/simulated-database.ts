import type { Backups, MadeBackup } from "../../model/backup.ts";
import type { Clock } from "../../model/clock.ts";
import type { ReleaseContext } from "../../release/release.ts";

/** A database in memory: of all that it could hold it has its migrations. */
export interface SimulatedDatabase {
  /** Their names, in the order in which they came: one that is applied twice is there twice. */
  migrations: string[];
  /** What migrates it, and what it answers who asks for its state. */
  readonly executors: Pick<ReleaseContext["executors"], "migrate" | "migrationState">;
}

export function simulatedDatabase(): SimulatedDatabase {
  const database: SimulatedDatabase = {
    migrations: [],
    executors: {
      migrate: async ({ migrations }) => {
        database.migrations.push(...migrations.map(({ name }) => name));
        return { observed: "applied" };
      },
      migrationState: async ({ migrations }) =>
        migrations.every(({ name }) => database.migrations.includes(name)) ? "done" : "not done",
    },
  };
  return database;
}

/** Backups of a simulated database, in memory too. */
export interface SimulatedBackups extends Backups {
  /** By the deployments that asked, as often as they did. */
  readonly made: string[];
  readonly restored: string[];
  /** Backups that somebody has removed since. */
  readonly gone: Set<string>;
  /** Ids of those that there are, oldest first. */
  readonly kept: () => readonly string[];
  fails: Error | null;
  /** Called when one of them has begun. */
  onBegun: (what: "backup" | "restore") => void;
  /** Called with the deployment when the database has become another one. */
  onRestored: (deployment: string) => void;
}

export interface SimulatedBackupsOptions {
  /** By which they take their time. @default they take none */
  readonly clock?: Clock;
  /** @default 0 */
  readonly backupSeconds?: number;
  /** @default 0 */
  readonly restoreSeconds?: number;
}

/** Who makes them is not who asks for them: what has begun comes to its end, also where whoever asked is dead by then. */
export function simulatedBackups(
  database: SimulatedDatabase,
  { clock, backupSeconds = 0, restoreSeconds = 0 }: SimulatedBackupsOptions = {},
): SimulatedBackups {
  const stored = new Map<string, readonly string[]>();
  /** What was there before, by the deployment that has put something else in its place. */
  const replaced = new Map<string, MadeBackup>();
  let underWay: Promise<unknown> = Promise.resolve();
  const store = (id: string): MadeBackup => {
    stored.delete(id);
    stored.set(id, [...database.migrations]);
    return { id, reference: id, sizeBytes: 41_000_000 };
  };
  const prune = (keep: number, made: string) => {
    const others = backups.kept().filter((id) => id !== made);
    for (const id of others.slice(0, Math.max(0, others.length - (keep - 1)))) backups.gone.add(id);
  };
  const working = async (what: "backup" | "restore", signal: AbortSignal): Promise<void> => {
    backups.onBegun(what);
    if (backups.fails !== null) throw backups.fails;
    signal.throwIfAborted();
    const seconds = what === "backup" ? backupSeconds : restoreSeconds;
    if (clock !== undefined && seconds > 0) await clock.sleep(1000 * seconds, signal);
  };
  const swap = async (backup: string, deployment: string, signal: AbortSignal): Promise<MadeBackup> => {
    const before = replaced.get(deployment);
    if (before !== undefined) return before;
    await working("restore", signal);
    const made = store(deployment);
    replaced.set(deployment, made);
    database.migrations = [...(stored.get(backup) ?? [])];
    backups.onRestored(deployment);
    return made;
  };
  const backups: SimulatedBackups = {
    made: [],
    restored: [],
    gone: new Set(),
    kept: () => [...stored.keys()].filter((id) => !backups.gone.has(id)),
    fails: null,
    onBegun: () => undefined,
    onRestored: () => undefined,
    make: async ({ id, keep }, { signal }) => {
      backups.made.push(id);
      await working("backup", signal);
      const backup = store(id);
      if (keep !== null) prune(keep, id);
      return { observed: `backup ${id}, 41 MB`, backup };
    },
    restore: async ({ backup, deployment }, { signal }) => {
      backups.restored.push(backup);
      await underWay;
      const work = swap(backup, deployment, signal);
      underWay = work.catch(() => undefined);
      const instead = await work;
      return {
        observed: `the database is that of backup ${backup}; what was there is backup ${instead.id}`,
        backup: instead,
      };
    },
    restoreState: async ({ deployment }) => {
      await underWay;
      return replaced.has(deployment) ? "done" : "not done";
    },
    list: async () => backups.kept(),
  };
  return backups;
}
