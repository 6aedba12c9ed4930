import { rmSync, type BigIntStats } from "node:fs";
import { DatabaseSync, type StatementSync } from "node:sqlite";

/** What is known of a file that has not changed since: its hash, and where the store has a copy of it. */
export interface KnownFile {
  readonly hash: string;
  readonly copy: string;
}

/** Files of this machine that were read before: by path, size, times, mode and inode. */
export class StatCache {
  readonly #file: string;
  #database: DatabaseSync;
  #find: StatementSync;

  constructor(file: string) {
    this.#file = file;
    [this.#database, this.#find] = opened(file);
  }

  find(path: string, status: BigIntStats): KnownFile | undefined {
    try {
      const row = this.#find.get(path, stampOf(status));
      return row === undefined ? undefined : { hash: String(row["hash"]), copy: String(row["copy"]) };
    } catch (error) {
      if (!isDamage(error)) throw error;
      this.#begin();
      return undefined;
    }
  }

  /** It only saves work: a damaged one is thrown away. */
  #begin(): void {
    this.#database.close();
    remove(this.#file);
    [this.#database, this.#find] = opened(this.#file);
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
      if (isDamage(error)) return void this.#begin();
      // Another process writes: what is not remembered is read again the next time.
      if (!/locked|busy/.test((error as Error).message)) throw error;
    }
  }

  close(): void {
    this.#database.close();
  }
}

function opened(file: string, attempt = 1): [DatabaseSync, StatementSync] {
  const database = new DatabaseSync(file);
  try {
    database.exec("PRAGMA busy_timeout = 5000; PRAGMA journal_mode = WAL; PRAGMA synchronous = OFF");
    database.exec(
      "CREATE TABLE IF NOT EXISTS known (path TEXT PRIMARY KEY, stamp TEXT NOT NULL, hash TEXT NOT NULL, copy TEXT NOT NULL) WITHOUT ROWID",
    );
    return [database, database.prepare("SELECT hash, copy FROM known WHERE path = ? AND stamp = ?")];
  } catch (error) {
    database.close();
    if (!isDamage(error) || attempt > 1) throw error;
    remove(file);
    return opened(file, attempt + 1);
  }
}

function remove(file: string): void {
  for (const ending of ["", "-wal", "-shm"]) rmSync(`${file}${ending}`, { force: true });
}

/** SQLITE_CORRUPT and SQLITE_NOTADB (https://sqlite.org/rescode.html): power was lost, or somebody wrote there. */
function isDamage(error: unknown): boolean {
  const { errcode = 0 } = error as { errcode?: number };
  return [11, 26].includes(errcode & 0xff);
}

function isFresh({ mtimeMs, ctimeMs }: BigIntStats): boolean {
  const newest = Number(mtimeMs > ctimeMs ? mtimeMs : ctimeMs);
  return Date.now() - newest < 2000;
}

function stampOf({ size, mtimeNs, ctimeNs, ino, mode }: BigIntStats): string {
  return [size, mtimeNs, ctimeNs, ino, mode].join(":");
}
