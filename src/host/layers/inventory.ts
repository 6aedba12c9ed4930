import { createHash, type Hash } from "node:crypto";
import { lstatSync, readdirSync, readFileSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setImmediate as turn } from "node:timers/promises";

/** What belongs to a layer, in the directory that it is kept in. */
const parts = ["fs", "fs.json", "fs.masks"];

/** Records names, kinds, sizes and times of all that the layer in this directory has. */
export async function writeInventory(directory: string): Promise<void> {
  await writeFile(join(directory, "inventory"), await inventoryOf(directory), { mode: 0o600 });
}

/**
 * Whether the layer still is what was recorded: a disk that lost power, or a person, may have cut or changed a file.
 * Bytes are not read: a disk that answers wrong ones for an untouched file is not noticed. A layer without a record,
 * from before there were any, is taken as it is.
 */
export async function isWhole(directory: string): Promise<boolean> {
  let recorded: string;
  try {
    recorded = readFileSync(join(directory, "inventory"), "utf8");
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "ENOENT";
  }
  return recorded === (await inventoryOf(directory));
}

/** Entries between two turns of the event loop: a layer can have 100,000 of them. */
const batch = 2000;

async function inventoryOf(directory: string): Promise<string> {
  const hash = createHash("sha256");
  const open = parts.map((part) => join(directory, part));
  for (let count = 1; open.length > 0; count++) {
    open.push(...noted(hash, open.pop()!, directory));
    if (count % batch === 0) await turn();
  }
  return hash.digest("hex");
}

/** Adds one entry to the hash; answers what is in it. */
function noted(hash: Hash, path: string, directory: string): readonly string[] {
  const stats = lstatSync(path, { throwIfNoEntry: false });
  if (stats === undefined) return [];
  const isFile = stats.isFile();
  // A folder's time is left out: looking for room in the store may touch it.
  const content = isFile ? `${String(stats.size)} ${String(Math.trunc(stats.mtimeMs))}` : "";
  hash.update(`${path.slice(directory.length)}\0${String(stats.mode)} ${content}\n`);
  if (!stats.isDirectory()) return [];
  try {
    return readdirSync(path)
      .sort()
      .map((name) => join(path, name));
  } catch {
    // A folder that its own mode closes to an ordinary user.
    return [];
  }
}
