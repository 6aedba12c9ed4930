import { existsSync } from "node:fs";
import { mkdir, readdir, rename, rm } from "node:fs/promises";
import { join } from "node:path";
import { readJsonFile, writeJsonFile } from "../../../host/processes/processes.ts";
import { usageError } from "../../../model/errors.ts";

/** A backup on this machine: a data directory that a server can be started on. */
export interface StoredBackup {
  readonly id: string;
  /** RFC 3339, UTC. */
  readonly at: string;
  /** `18` */
  readonly postgresMajor: string;
  /** Null where nobody counted: it was moved, not copied. */
  readonly sizeBytes: number | null;
}

/**
 * Backups are directories of their own, `<id>/data` beside `<id>/backup.json`. One that is not complete has a name that
 * begins with a dot: it is neither listed nor restored, and goes with the next one that is made.
 */
const recordFile = "backup.json";

export function dataOf(backups: string, id: string): string {
  return join(backups, id, "data");
}

/** Those that are complete, oldest first. */
export async function storedBackups(backups: string): Promise<readonly StoredBackup[]> {
  const names = await readdir(backups).catch(ignoreMissing<string[]>([]));
  const records = await Promise.all(
    names
      .filter((name) => !name.startsWith("."))
      .map((name) => readJsonFile(join(backups, name, recordFile)) as Promise<StoredBackup | undefined>),
  );
  return records
    .filter((record) => record !== undefined)
    .sort((a, b) => (a.at < b.at ? -1 : a.at > b.at ? 1 : 0));
}

/** @throws FairwayError BACKUP_UNKNOWN (exit 2) that lists those there are */
export async function storedBackup(backups: string, id: string): Promise<StoredBackup> {
  const all = await storedBackups(backups);
  const found = all.find((backup) => backup.id === id);
  if (found !== undefined) return found;
  throw usageError(`there is no backup ${id} on this machine`, {
    code: "BACKUP_UNKNOWN",
    place: backups,
    remedy: all.length === 0 ? "there is none at all" : `there are: ${all.map((one) => one.id).join(", ")}`,
  });
}

/** Fills a draft, and makes it the backup of this id. What fails leaves nothing behind. */
export async function storeBackup(
  backups: string,
  id: string,
  fill: (data: string) => Promise<{ readonly postgresMajor: string; readonly sizeBytes: number }>,
): Promise<StoredBackup & { readonly sizeBytes: number }> {
  await removeDrafts(backups);
  const draft = join(backups, `.draft-${id}`);
  try {
    await mkdir(draft, { recursive: true, mode: 0o700 });
    const filled = await fill(join(draft, "data"));
    const stored = { id, at: new Date().toISOString(), ...filled };
    await completeBackup(backups, draft, stored);
    return stored;
  } catch (error) {
    await rm(draft, { recursive: true, force: true });
    throw error;
  }
}

/** Takes a directory that holds `data` in as a backup. */
export async function completeBackup(backups: string, draft: string, stored: StoredBackup): Promise<void> {
  await writeJsonFile(join(draft, recordFile), stored);
  const home = join(backups, stored.id);
  // Of a try whose end nobody wrote down.
  await rm(home, { recursive: true, force: true });
  await rename(draft, home);
}

/** Removes the oldest beside the one that was just made, so that `keep` stay: a clock may go back. @returns their ids */
export async function prune(backups: string, keep: number, made: string): Promise<readonly string[]> {
  const others = (await storedBackups(backups)).filter(({ id }) => id !== made);
  const old = others.slice(0, Math.max(0, others.length - (keep - 1)));
  for (const { id } of old) {
    // Renamed first: one that is half removed must not be listed.
    const gone = join(backups, `.draft-gone-${id}`);
    await rename(join(backups, id), gone);
    await rm(gone, { recursive: true, force: true });
  }
  return old.map(({ id }) => id);
}

export function hasBackup(backups: string, id: string): boolean {
  return existsSync(join(backups, id, recordFile));
}

async function removeDrafts(backups: string): Promise<void> {
  const names = await readdir(backups).catch(ignoreMissing<string[]>([]));
  for (const name of names.filter((one) => one.startsWith(".draft-"))) {
    await rm(join(backups, name), { recursive: true, force: true });
  }
}

function ignoreMissing<T>(instead: T) {
  return (error: unknown): T => {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return instead;
    throw error;
  };
}
