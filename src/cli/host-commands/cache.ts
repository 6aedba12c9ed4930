import { join } from "node:path";
import type { LayerStore, StoreHolding, StoreHoldings } from "../../host/layers/layers.ts";
import { usageError } from "../../model/errors.ts";
import { sizeText } from "../../model/size.ts";
import type { HostCommandCall } from "../commands/invocation.ts";
import { forgetAnswers } from "../run/remembered.ts";
import { cacheLimitBytes } from "../run/tidy.ts";
import type { HostCommandContext } from "./host-commands.ts";

/**
 * `fairway cache`: what steps and layers take of the disk, and where. `fairway cache prune` removes what is over the limit, the
 * least recently used first; with `--older-than 7d` all that was not used for so long; with `--all` all of it.
 * What running processes use stays in any case.
 */
export async function cache(
  call: HostCommandCall,
  { places, terminal }: HostCommandContext,
): Promise<number> {
  const limitBytes = cacheLimitBytes(process.env);
  const wanted = pruningOf(call.values, { limitBytes, nowMs: Date.now() });
  const { openLayerStore } = await import("../../host/layers/layers.ts");
  const store = await openLayerStore(join(places.cache, "store"));
  const removedBytes = wanted === null ? 0 : await prune(store, wanted);
  if (wanted !== null) await forgetAnswers(places);
  const holdings = await store.measure();
  if (call.options.json)
    terminal.out(`${JSON.stringify({ path: store.root, limitBytes, removedBytes, ...holdings }, null, 2)}\n`);
  else {
    if (wanted !== null) terminal.out(`removed ${sizeText(removedBytes)}\n`);
    terminal.out(holdingsText(store.root, holdings, limitBytes));
  }
  return 0;
}

interface Pruning {
  readonly maxBytes: number;
  readonly unusedSinceMs?: number;
}

/** Null where nothing is to be removed. @throws FairwayError CACHE_USAGE (exit 2) */
export function pruningOf(
  values: Readonly<Record<string, unknown>>,
  { limitBytes, nowMs }: { readonly limitBytes: number; readonly nowMs: number },
): Pruning | null {
  const { action, all } = values;
  const age = values["olderThan"];
  const isFlagged = all === true || age !== undefined;
  if (action === undefined && !isFlagged) return null;
  if (action !== "prune")
    throw usage(
      action === undefined
        ? "--all and --older-than belong to prune"
        : `${JSON.stringify(action)} is nothing that can be done with the cache`,
    );
  if (typeof age === "string") return { maxBytes: 0, unusedSinceMs: nowMs - ageMs(age) };
  return { maxBytes: all === true ? 0 : limitBytes };
}

function prune(store: LayerStore, { maxBytes, ...options }: Pruning): Promise<number> {
  return store.prune(maxBytes, options).then(({ removedBytes }) => removedBytes);
}

const unitMs = { m: 60_000, h: 3_600_000, d: 86_400_000 } as const;

function ageMs(text: string): number {
  const [, count = "", unit = ""] = /^(\d+)([mhd])$/.exec(text) ?? [];
  if (unit === "") throw usage(`--older-than ${text}: an age is a number with m, h or d`);
  return Number(count) * unitMs[unit as keyof typeof unitMs];
}

function usage(message: string): Error {
  return usageError(message, {
    code: "CACHE_USAGE",
    place: "fairway cache",
    remedy:
      "One of:\nnpx fairway cache\nnpx fairway cache prune\nnpx fairway cache prune --older-than 7d\nnpx fairway cache prune --all",
  });
}

function holdingsText(
  path: string,
  { layers, records, volumes, used }: StoreHoldings,
  limit: number,
): string {
  const total = layers.sizeBytes + records.sizeBytes + volumes.sizeBytes;
  const row = (name: string, { items, sizeBytes }: StoreHolding) =>
    `  ${name.padEnd(14)} ${sizeText(sizeBytes).padStart(10)}  ${String(items)}\n`;
  return [
    `${path}\n`,
    row("layers", layers),
    row("step results", records),
    row("cache volumes", volumes),
    `  ${"together".padEnd(14)} ${sizeText(total).padStart(10)}  of ${sizeText(limit)} (FAIRWAY_CACHE_MAX_GB)\n`,
    ...(used.items === 0 ? [] : [row("used now", used)]),
  ].join("");
}
