import { mkdirSync } from "node:fs";
import { dirname } from "node:path";
import { DatabaseSync } from "node:sqlite";

/** A lock that the operating system takes back when its holder ends, however it ends. */
export interface ProcessLock {
  release(): void;
}

/**
 * Takes the lock of this file for this process, or answers undefined when another process has it. SQLite's own
 * file lock: portable, and there is no stale one after a kill -9.
 */
export function takeLock(file: string): ProcessLock | undefined {
  mkdirSync(dirname(file), { recursive: true });
  const database = new DatabaseSync(file);
  try {
    database.exec("PRAGMA busy_timeout = 0; PRAGMA journal_mode = MEMORY; BEGIN EXCLUSIVE");
  } catch (error) {
    database.close();
    if (/locked|busy/.test((error as Error).message)) return undefined;
    throw error;
  }
  return {
    release: () => {
      database.close();
    },
  };
}
