import type { BigIntStats } from "node:fs";
import { DatabaseSync, type StatementSync } from "node:sqlite";

/** What is known of a file that has not changed since: its hash, and where the store has a copy of it. */
export interface KnownFile {
  readonly hash: string;
  readonly copy: string;
}

/** Files of this machine that were read before: by path, size, times, mode and inode. */
export class StatCache {
  readonly #database: DatabaseSync;
  readonly #find: StatementSync;

  constructor(file: string) {
    this.#database = new DatabaseSync(file);
    this.#database.exec("PRAGMA busy_timeout = 5000; PRAGMA journal_mode = WAL; PRAGMA synchronous = OFF");
    this.#database.exec(
      "CREATE TABLE IF NOT EXISTS known (path TEXT PRIMARY KEY, stamp TEXT NOT NULL, hash TEXT NOT NULL, copy TEXT NOT NULL) WITHOUT ROWID",
    );
    this.#find = this.#database.prepare("SELECT hash, copy FROM known WHERE path = ? AND stamp = ?");
  }

  find(path: string, status: BigIntStats): KnownFile | undefined {
    const row = this.#find.get(path, stampOf(status));
    return row === undefined ? undefined : { hash: String(row["hash"]), copy: String(row["copy"]) };
  }

  remember(files: readonly (KnownFile & { readonly path: string; readonly status: BigIntStats })[]): void {
    if (files.length === 0) return;
    const insert = this.#database.prepare("INSERT OR REPLACE INTO known VALUES (?, ?, ?, ?)");
    try {
      this.#database.exec("BEGIN IMMEDIATE");
      for (const { path, status, hash, copy } of files) {
        // A file that was written just now may be written again within the clock's grain.
        if (!isFresh(status)) insert.run(path, stampOf(status), hash, copy);
      }
      this.#database.exec("COMMIT");
    } catch (error) {
      if (this.#database.isTransaction) this.#database.exec("ROLLBACK");
      // Another process writes: what is not remembered is read again the next time.
      if (!/locked|busy/.test((error as Error).message)) throw error;
    }
  }

  close(): void {
    this.#database.close();
  }
}

function isFresh({ mtimeMs, ctimeMs }: BigIntStats): boolean {
  const newest = Number(mtimeMs > ctimeMs ? mtimeMs : ctimeMs);
  return Date.now() - newest < 2000;
}

function stampOf({ size, mtimeNs, ctimeNs, ino, mode }: BigIntStats): string {
  return [size, mtimeNs, ctimeNs, ino, mode].join(":");
}
