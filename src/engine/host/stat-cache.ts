import type { BigIntStats } from "node:fs";
import { DatabaseSync } from "node:sqlite";

/** The hashes of files that have not changed since they were read: by path, size, times and inode. */
export class StatCache {
  readonly #database: DatabaseSync;
  #fresh: { readonly path: string; readonly stamp: string; readonly hash: string }[] = [];

  constructor(file: string) {
    this.#database = new DatabaseSync(file);
    this.#database.exec("PRAGMA busy_timeout = 5000; PRAGMA journal_mode = WAL; PRAGMA synchronous = OFF");
    this.#database.exec(
      "CREATE TABLE IF NOT EXISTS file (path TEXT PRIMARY KEY, stamp TEXT NOT NULL, hash TEXT NOT NULL) WITHOUT ROWID",
    );
  }

  find(path: string, status: BigIntStats): string | undefined {
    const row = this.#database
      .prepare("SELECT hash FROM file WHERE path = ? AND stamp = ?")
      .get(path, stampOf(status));
    return row === undefined ? undefined : String(row.hash);
  }

  remember(path: string, status: BigIntStats, hash: string): void {
    // A file that was written just now may be written again within the clock's grain.
    if (Date.now() - Number(status.mtimeMs) < 2000 || Date.now() - Number(status.ctimeMs) < 2000) return;
    this.#fresh.push({ path, stamp: stampOf(status), hash });
  }

  save(): void {
    const fresh = this.#fresh;
    this.#fresh = [];
    if (fresh.length === 0) return;
    const insert = this.#database.prepare("INSERT OR REPLACE INTO file VALUES (?, ?, ?)");
    this.#database.exec("BEGIN IMMEDIATE");
    for (const { path, stamp, hash } of fresh) insert.run(path, stamp, hash);
    this.#database.exec("COMMIT");
  }

  close(): void {
    this.#database.close();
  }
}

function stampOf(status: BigIntStats): string {
  return [status.size, status.mtimeNs, status.ctimeNs, status.ino, status.mode].join(":");
}
