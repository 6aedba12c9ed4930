import type { PruneOptions, StoreHoldings } from "./prune.ts";
import { openStore } from "./store.ts";
import { MergedView } from "./view.ts";

export type { StoreHolding, StoreHoldings } from "./prune.ts";

/**
 * Layers: immutable directories of changes in a store on this machine's disk, and the view of a filesystem that a
 * stack of them gives. Nothing here mounts or runs anything.
 */

/** One immutable directory of changes, as overlayfs writes them (whiteouts are character devices 0/0). */
export interface Layer {
  /** The key that it was made under. */
  readonly id: string;
  /** Absolute path of its root. */
  readonly path: string;
}

/** Layers from the bottom to the top. */
export type Stack = readonly Layer[];

/** A layer while it is being made. */
export interface LayerDraft {
  /** Write files here, or have a sandbox use it as the directory that takes the changes. */
  readonly path: string;
  /** Records owners that the disk cannot hold (an ordinary user cannot chown). Path is relative to the root. */
  setOwner(path: string, uid: number, gid: number): void;
  /** Hides what lower layers have at this path (a whiteout). Replaces what the draft has there. */
  remove(path: string): Promise<void>;
  /** Makes a directory that hides what lower layers have below it. */
  setOpaque(path: string): Promise<void>;
}

/**
 * Layers and small records by key, shared by all processes of this user. A key names what made the layer, so
 * the same key is the same layer; keys are at most 128 characters of [a-z0-9:-].
 */
export interface LayerStore {
  readonly root: string;
  /** Answers the layer of this key; makes it with `fill` when it is not there. One process fills, others wait; a
   *  fill that throws or is killed leaves nothing behind. */
  ensure(key: string, fill: (draft: LayerDraft) => Promise<void>): Promise<Layer>;
  get(key: string): Promise<Layer | undefined>;
  /** A JSON value kept beside the layers: the exit code and output of a step. */
  readRecord(key: string): Promise<unknown>;
  writeRecord(key: string, value: unknown): Promise<void>;
  /** A scratch directory outside of any layer (upper of a mount whose changes are thrown away, cache volumes). */
  scratch(): Promise<AsyncDisposable & { readonly path: string }>;
  /** The directory of a cache volume, made when new. */
  cacheVolume(name: string): Promise<string>;
  /** Removes the least recently used until the store is at most this large; never what a living process uses. */
  prune(maxBytes: number, options?: PruneOptions): Promise<{ readonly removedBytes: number }>;
  /** Counts bytes on disk; the first time takes a while. */
  measure(): Promise<StoreHoldings>;
}

/** What stands at a path of a view. `owner` comes from layer metadata where the disk could not hold it. */
export interface Entry {
  readonly type: "file" | "directory" | "symlink" | "other";
  /** Permission bits, 0o7777. */
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  readonly sizeBytes: number;
  readonly modifiedAtMs: number;
  /** Target of a symlink. */
  readonly target?: string;
  /** Absolute path on this machine's disk of a file's bytes. */
  readonly diskPath: string;
}

/** The filesystem that a stack gives, read without mounting it. Paths are absolute in it; `..` stays within. */
export interface View {
  /** Follows symlinks within the view, except a last one when `follow` is false. */
  stat(path: string, options?: { readonly follow?: boolean }): Promise<Entry | undefined>;
  /** Names sorted by bytes; undefined when it is no directory. */
  list(path: string): Promise<readonly string[] | undefined>;
  read(path: string): Promise<Buffer>;
  /** Everything below `path`, parents first, sorted by bytes; symlinks not followed. Paths relative to `path`. */
  walk(path: string): AsyncIterable<{ readonly path: string; readonly entry: Entry }>;
}

/**
 * Opens the store in this directory, made when new, and sweeps what processes that are gone left in it.
 * @throws FairwayError CACHE_FULL or CACHE_NOT_WRITABLE
 */
export function openLayerStore(root: string): Promise<LayerStore> {
  return openStore(root);
}

export function viewOf(stack: Stack): View {
  return new MergedView(stack);
}
