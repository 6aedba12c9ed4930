import { readdir, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import { isLiving } from "./living.ts";
import { removeTree } from "./remove.ts";

/** What processes that we cannot see left behind is given a day. */
const unknownAgeMs = 24 * 60 * 60 * 1000;

/** Removes the drafts, scratch directories and registers of processes that are gone. */
export async function sweep(root: string): Promise<void> {
  for (const folder of ["drafts", "scratch"]) {
    for (const name of await readdir(join(root, folder))) {
      if (await isLeftOver(join(root, folder, name), name.split("~")[0]!)) {
        await removeTree(join(root, folder, name)).catch(() => undefined);
      }
    }
  }
  for (const name of await readdir(join(root, "uses"))) {
    const path = join(root, "uses", name);
    if (await isLeftOver(path, name)) await rm(path, { force: true });
  }
}

async function isLeftOver(path: string, owner: string): Promise<boolean> {
  const living = isLiving(owner);
  if (living !== "unknown") return !living;
  const stats = await stat(path).catch(() => undefined);
  return stats !== undefined && Date.now() - stats.mtimeMs > unknownAgeMs;
}
