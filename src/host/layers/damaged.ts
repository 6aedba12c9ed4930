import { rename } from "node:fs/promises";
import { basename, join } from "node:path";
import { randomBytes } from "node:crypto";
import { processName } from "./living.ts";
import { usersOf } from "./prune.ts";
import { removeTree } from "./remove.ts";

/**
 * Takes a layer away that is not what was recorded of it, so that it is made again. What another living process has
 * mounted stays on the disk in its name, and is swept when it is gone.
 */
export async function discardDamaged(root: string, name: string): Promise<void> {
  const own = processName();
  const other = (await usersOf(root, name)).find((user) => user !== own);
  const mark = `damaged-${randomBytes(4).toString("hex")}-${basename(name).slice(0, 100)}`;
  const away = join(root, "scratch", `${other ?? own}~${mark}`);
  try {
    await rename(join(root, name), away);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return;
    throw error;
  }
  if (other === undefined) await removeTree(away);
}
