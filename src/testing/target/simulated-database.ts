import type { Backups, MadeBackup } from "../../model/backup.ts";
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
  fails: Error | null;
  /** Called when one of them has begun. */
  onBegun: (what: "backup" | "restore") => void;
}

export function simulatedBackups(database: SimulatedDatabase): SimulatedBackups {
  const kept = new Map<string, readonly string[]>();
  const keep = (id: string): MadeBackup => {
    kept.set(id, [...database.migrations]);
    return { id, reference: id, sizeBytes: 41_000_000 };
  };
  const begin = (what: "backup" | "restore", signal: AbortSignal) => {
    backups.onBegun(what);
    if (backups.fails !== null) throw backups.fails;
    signal.throwIfAborted();
  };
  const backups: SimulatedBackups = {
    made: [],
    restored: [],
    gone: new Set(),
    fails: null,
    onBegun: () => undefined,
    make: async ({ id }, { signal }) => {
      backups.made.push(id);
      begin("backup", signal);
      return { observed: `backup ${id}, 41 MB`, backup: keep(id) };
    },
    restore: async ({ backup, deployment }, { signal }) => {
      backups.restored.push(backup);
      begin("restore", signal);
      const replaced = keep(deployment);
      database.migrations = [...(kept.get(backup) ?? [])];
      return { observed: "restored", backup: replaced };
    },
    restoreState: async () => "not done",
    list: async () => [...kept.keys()].filter((id) => !backups.gone.has(id)),
  };
  return backups;
}
