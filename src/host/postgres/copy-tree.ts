import { constants, type Dirent } from "node:fs";
import { copyFile, mkdir, open, readdir, stat, statfs } from "node:fs/promises";
import { dirname, join } from "node:path";
import { failure, isFairwayError } from "../../model/errors.ts";
import { sizeText } from "../../model/size.ts";

export interface TreeCopy {
  /** Paths below the directory, `base/5/2619`, a folder's with a slash behind it. Nothing below a skipped folder is copied. */
  readonly skips?: (path: string) => boolean;
  readonly signal?: AbortSignal | undefined;
}

/** So many files at once: each waits for the disk. */
const atOnce = 16;
/** What a copy leaves free: a server that shares the disk stops when it cannot write. */
const reserveBytes = 64 * 1024 * 1024;

/**
 * Copies plain files and folders to a directory that does not exist yet, and waits until they are on the disk. What goes
 * while it is copied is left out: a server may be at work in there. Nothing is removed where it fails.
 * @returns bytes
 * @throws FairwayError DISK_FULL
 */
export async function copyTree(from: string, to: string, options: TreeCopy = {}): Promise<number> {
  const { folders, files } = await listTree(from, options.skips ?? (() => false));
  await requireSpace(from, files, to);
  try {
    await mkdir(to, { recursive: true, mode: 0o700 });
    for (const folder of folders) await mkdir(join(to, folder), { mode: 0o700 });
    const sizes = await inTurns(files, (file) => copied(join(from, file), join(to, file), options.signal));
    await inTurns(["", ...folders], (folder) => synced(join(to, folder)));
    return sizes.reduce((sum, size) => sum + size, 0);
  } catch (error) {
    throw noSpace(error) ? diskFull(to, null) : error;
  }
}

async function listTree(root: string, skips: (path: string) => boolean) {
  const folders: string[] = [];
  const files: string[] = [];
  const look = async (folder: string): Promise<void> => {
    const entries = await readdir(join(root, folder), { withFileTypes: true }).catch(
      ignoreGone<Dirent[]>([]),
    );
    for (const entry of entries) {
      const path = join(folder, entry.name);
      if (entry.isDirectory() && !skips(`${path}/`)) {
        folders.push(path);
        await look(path);
      } else if (entry.isFile() && !skips(path)) files.push(path);
    }
  };
  await look("");
  return { folders, files };
}

async function copied(from: string, to: string, signal: AbortSignal | undefined): Promise<number> {
  signal?.throwIfAborted();
  const isThere = await copyFile(from, to, constants.COPYFILE_FICLONE).then(() => true, ignoreGone(false));
  if (!isThere) return 0;
  await synced(to);
  return (await stat(to)).size;
}

async function synced(path: string): Promise<void> {
  await using handle = await open(path, "r");
  await handle.sync();
}

/** Looked at before: a disk that is full takes the server down with it. */
async function requireSpace(from: string, files: readonly string[], to: string): Promise<void> {
  const sizes = await inTurns(files, async (file) =>
    stat(join(from, file)).then(({ size }) => size, ignoreGone(0)),
  );
  const wanted = sizes.reduce((sum, size) => sum + size, 0);
  await mkdir(dirname(to), { recursive: true, mode: 0o700 });
  const { bavail, bsize } = await statfs(dirname(to));
  if (wanted + reserveBytes > bavail * bsize) throw diskFull(to, { wanted, free: bavail * bsize });
}

function diskFull(place: string, bytes: { readonly wanted: number; readonly free: number } | null): Error {
  const sizes =
    bytes === null
      ? ""
      : `: ${sizeText(bytes.wanted)} are to be copied, ${sizeText(bytes.free)} are free, and ` +
        `${sizeText(reserveBytes)} have to stay free for the server`;
  return failure(`there is no space for a copy of the database${sizes}`, {
    code: "DISK_FULL",
    place,
    remedy: `Make space there, then try again:\ndf -h ${dirname(place)}`,
  });
}

function noSpace(error: unknown): boolean {
  return !isFairwayError(error) && ["ENOSPC", "EDQUOT"].includes(String((error as { code?: unknown }).code));
}

function ignoreGone<T>(instead: T) {
  return (error: unknown): T => {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return instead;
    throw error;
  };
}

/** After the first that fails none is begun, and nothing is at work any more when that is told. */
async function inTurns<T, R>(items: readonly T[], work: (item: T) => Promise<R>): Promise<R[]> {
  const results: R[] = [];
  const failures: unknown[] = [];
  const queue = items.entries();
  const one = async () => {
    for (const [index, item] of queue) {
      if (failures.length > 0) return;
      await work(item).then(
        (result) => (results[index] = result),
        (error: unknown) => failures.push(error),
      );
    }
  };
  await Promise.all(Array.from({ length: atOnce }, one));
  if (failures.length > 0) throw failures[0];
  return results;
}
