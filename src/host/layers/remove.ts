import { chmod, lstat, readdir, rm } from "node:fs/promises";
import { join } from "node:path";

/** Removes a tree also where its own modes forbid it (overlayfs leaves `work/work` with mode 000). */
export async function removeTree(path: string): Promise<void> {
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
