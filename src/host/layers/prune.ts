import { lstatSync, readdirSync } from "node:fs";
import { readdir, readFile, rename, stat, utimes, writeFile } from "node:fs/promises";
import { basename, join } from "node:path";
import { isLiving, processName } from "./living.ts";
import { removeTree } from "./remove.ts";

interface Candidate {
  readonly name: string;
  readonly path: string;
  readonly sizeBytes: number;
  readonly usedAtMs: number;
}

/** What may go: all that is larger than a bound, and with `unusedSinceMs` only what was last used before that instant. */
export interface PruneOptions {
  readonly unusedSinceMs?: number;
}

/** Removes the least recently used layers, records and volumes until at most `maxBytes` are left. */
export async function pruneStore(
  root: string,
  maxBytes: number,
  { unusedSinceMs = Infinity }: PruneOptions = {},
): Promise<{ readonly removedBytes: number }> {
  const candidates = await candidatesOf(root);
  let total = candidates.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
  let removedBytes = 0;
  for (const candidate of candidates.sort((a, b) => a.usedAtMs - b.usedAtMs)) {
    if (total <= maxBytes || candidate.usedAtMs >= unusedSinceMs) break;
    if ((await usedNames(root)).has(candidate.name) || !(await discard(root, candidate))) continue;
    total -= candidate.sizeBytes;
    removedBytes += candidate.sizeBytes;
  }
  return { removedBytes };
}

/** How much of one kind a store holds. */
export interface StoreHolding {
  readonly items: number;
  readonly sizeBytes: number;
}

/** Of layers, records of steps and cache volumes; `used` is what living processes use, and no pruning takes. */
export interface StoreHoldings {
  readonly layers: StoreHolding;
  readonly records: StoreHolding;
  readonly volumes: StoreHolding;
  readonly used: StoreHolding;
}

export async function measureStore(root: string): Promise<StoreHoldings> {
  const all = await candidatesOf(root);
  const used = await usedNames(root);
  const sum = (candidates: readonly Candidate[]): StoreHolding => ({
    items: candidates.length,
    sizeBytes: candidates.reduce((total, { sizeBytes }) => total + sizeBytes, 0),
  });
  const of = (folder: string) => sum(all.filter(({ name }) => name.startsWith(`${folder}/`)));
  return {
    ...{ layers: of("layers"), records: of("records"), volumes: of("volumes") },
    used: sum(all.filter(({ name }) => used.has(name))),
  };
}

async function candidatesOf(root: string): Promise<Candidate[]> {
  const found: Candidate[] = [];
  for (const folder of ["layers", "records", "volumes"]) {
    for (const item of await readdir(join(root, folder))) {
      const path = join(root, folder, item);
      const stats = await stat(path).catch(() => undefined);
      if (stats === undefined) continue;
      const sizeBytes = folder === "layers" ? await layerSize(path) : sizeOf(path);
      found.push({ name: `${folder}/${item}`, path, sizeBytes, usedAtMs: stats.mtimeMs });
    }
  }
  return found;
}

/** The processes that live, or may, and use this one of the store's names. */
export async function usersOf(root: string, name: string): Promise<readonly string[]> {
  return (await uses(root)).filter(({ names }) => names.includes(name)).map(({ process }) => process);
}

async function usedNames(root: string): Promise<Set<string>> {
  return new Set((await uses(root)).flatMap(({ names }) => names));
}

async function uses(
  root: string,
): Promise<{ readonly process: string; readonly names: readonly string[] }[]> {
  const living = (await readdir(join(root, "uses"))).filter((process) => isLiving(process) !== false);
  return Promise.all(
    living.map(async (process) => {
      const text = await readFile(join(root, "uses", process), "utf8").catch(() => "");
      return { process, names: text.split("\n").filter((name) => name !== "") };
    }),
  );
}

/**
 * Moves it away, then asks again whether it is used: a process registers what it uses before it looks whether that
 * exists, so it either registered in time, and gets it back, or finds it gone. False when it was given back.
 */
async function discard(root: string, { name, path }: Candidate): Promise<boolean> {
  const away = join(root, "scratch", `${processName()}~pruned-${basename(path).slice(0, 100)}`);
  await rename(path, away);
  if ((await usedNames(root)).has(name)) {
    const isBack = await rename(away, path).then(
      () => true,
      () => false,
    );
    if (isBack) return false;
  }
  await removeTree(away);
  return true;
}

/** A layer never changes, so its size is counted once. */
async function layerSize(path: string): Promise<number> {
  const note = join(path, "size");
  const known = await readFile(note, "utf8").catch(() => undefined);
  if (known !== undefined && /^\d+$/.test(known)) return Number(known);
  const before = await stat(path);
  const sizeBytes = sizeOf(path);
  await writeFile(note, String(sizeBytes)).catch(() => undefined);
  // Writing the note must not count as a use.
  await utimes(path, before.atime, before.mtime).catch(() => undefined);
  return sizeBytes;
}

/**
 * Bytes on disk, hard links counted once. Synchronous: a layer can have 100,000 files, and nothing else is under way
 * when a store is pruned.
 */
function sizeOf(path: string, seen = new Set<number>()): number {
  const stats = lstatSync(path, { throwIfNoEntry: false });
  if (stats === undefined || seen.has(stats.ino)) return 0;
  if (stats.nlink > 1 && !stats.isDirectory()) seen.add(stats.ino);
  if (!stats.isDirectory()) return stats.blocks * 512;
  return namesIn(path).reduce((sum, name) => sum + sizeOf(join(path, name), seen), stats.blocks * 512);
}

function namesIn(path: string): string[] {
  try {
    return readdirSync(path);
  } catch {
    // Somebody else removed it meanwhile.
    return [];
  }
}
