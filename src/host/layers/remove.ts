import { readdirSync, rmSync } from "node:fs";
import { chmod, lstat, readdir, rm } from "node:fs/promises";
import { join } from "node:path";

/** Removes a tree also where its own modes forbid it (overlayfs leaves `work/work` with mode 000). */
export async function removeTree(path: string): Promise<void> {
  if (isSmall(path) && removedAtOnce(path)) return;
  for (let attempt = 1; ; attempt++) {
    try {
      await rm(path, { recursive: true, force: true });
      return;
    } catch (error) {
      // A failed removal goes on with its other branches for a while: what vanishes meanwhile is what we want.
      if (attempt > 5 || !(isPermission(error) || isRace(error))) throw error;
      await openUp(path);
    }
  }
}

const smallEntries = 100;

/** What a step leaves is mostly a few directories: at once is then twice as fast as in turns. */
function isSmall(path: string): boolean {
  let left = smallEntries;
  const count = (directory: string): void => {
    for (const item of readdirSync(directory, { withFileTypes: true })) {
      if (--left < 0) return;
      if (item.isDirectory()) count(join(directory, item.name));
    }
  };
  try {
    count(path);
  } catch {
    return false;
  }
  return left >= 0;
}

function removedAtOnce(path: string): boolean {
  try {
    rmSync(path, { recursive: true, force: true });
    return true;
  } catch {
    return false;
  }
}

async function openUp(path: string): Promise<void> {
  const stats = await lstat(path).catch(() => undefined);
  if (stats?.isDirectory() !== true) return;
  if ((stats.mode & 0o700) !== 0o700) await chmod(path, 0o700).catch(() => undefined);
  for (const item of await readdir(path, { withFileTypes: true }).catch(() => [])) {
    if (item.isDirectory()) await openUp(join(path, item.name));
  }
}

function isPermission(error: unknown): boolean {
  const code = (error as NodeJS.ErrnoException).code;
  return code === "EACCES" || code === "EPERM";
}

function isRace(error: unknown): boolean {
  const code = (error as NodeJS.ErrnoException).code;
  return code === "ENOENT" || code === "ENOTEMPTY" || code === "EBUSY";
}
