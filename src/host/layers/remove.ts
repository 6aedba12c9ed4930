import { chmod, lstat, readdir, rm } from "node:fs/promises";
import { join } from "node:path";

/** Removes a tree also where its own modes forbid it (overlayfs leaves `work/work` with mode 000). */
export async function removeTree(path: string): Promise<void> {
  try {
    await rm(path, { recursive: true, force: true });
  } catch (error) {
    if (!isPermission(error)) throw error;
    await openUp(path);
    await rm(path, { recursive: true, force: true });
  }
}

async function openUp(path: string): Promise<void> {
  const stats = await lstat(path).catch(() => undefined);
  if (stats?.isDirectory() !== true) return;
  if ((stats.mode & 0o700) !== 0o700) await chmod(path, 0o700);
  for (const item of await readdir(path, { withFileTypes: true })) {
    if (item.isDirectory()) await openUp(join(path, item.name));
  }
}

function isPermission(error: unknown): boolean {
  const code = (error as NodeJS.ErrnoException).code;
  return code === "EACCES" || code === "EPERM";
}
