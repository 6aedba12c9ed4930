import { stat, utimes, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { usageError } from "../../model/errors.ts";
import type { LayerStore } from "../../host/layers/layers.ts";

const defaultGigabytes = 20;
const dayMs = 24 * 60 * 60 * 1000;

/**
 * Keeps the cache within its limit, least recently used first. Looks once a day, as measuring takes a while, and for
 * the first time a day after the first run: a stranger does not wait for what cannot be full. Never
 * throws: what was run has ended, and its outcome stands; a cache that cannot be tidied is a note.
 */
export async function tidyCache(
  store: Pick<LayerStore, "root" | "prune">,
  limitBytes: number,
  now: Date,
  note: (text: string) => void,
): Promise<void> {
  await tidy(store, limitBytes, now).catch((error: unknown) => {
    note(`the cache was not tidied: ${error instanceof Error ? error.message : String(error)}`);
  });
}

/** `FAIRWAY_CACHE_MAX_GB` (20 when not set) in bytes. Throws CACHE_LIMIT when it is no number of gigabytes. */
export function cacheLimitBytes(variables: Readonly<Record<string, string | undefined>>): number {
  return gigabytes(variables["FAIRWAY_CACHE_MAX_GB"]) * 1024 ** 3;
}

async function tidy(store: Pick<LayerStore, "root" | "prune">, limitBytes: number, now: Date): Promise<void> {
  const marker = join(store.root, "tidied");
  const last = await stat(marker).catch(() => undefined);
  if (last !== undefined && now.getTime() - last.mtimeMs < dayMs) return;
  await writeFile(marker, "");
  await utimes(marker, now, now);
  if (last === undefined) return;
  await store.prune(limitBytes);
}

function gigabytes(text: string | undefined): number {
  if (text === undefined || text === "") return defaultGigabytes;
  const value = Number(text);
  if (Number.isFinite(value) && value > 0) return value;
  throw usageError(`FAIRWAY_CACHE_MAX_GB is ${JSON.stringify(text)}, not a number of gigabytes`, {
    code: "CACHE_LIMIT",
    place: "FAIRWAY_CACHE_MAX_GB",
    remedy: "export FAIRWAY_CACHE_MAX_GB=20",
  });
}
