import { lstatSync, readdirSync, readlinkSync } from "node:fs";
import type { Stats } from "node:fs";
import { join } from "node:path";
import type { Layer } from "./layers.ts";
import { readMetadata } from "./metadata.ts";
import type { LayerMetadata } from "./metadata.ts";
import { byBytes, isWhiteout } from "./view.ts";

/** One entry of a layer's archive. Paths are relative to the layer's root. */
export type Change = { readonly path: string; readonly uid: number; readonly gid: number } & (
  | { readonly kind: "file"; readonly mode: number; readonly sizeBytes: number; readonly diskPath: string }
  | { readonly kind: "directory"; readonly mode: number }
  | { readonly kind: "symlink"; readonly target: string }
  /** Another name of a file of this layer that came before; `target` is that file's path. */
  | { readonly kind: "hard-link"; readonly mode: number; readonly target: string }
  /** Hides what lower layers have: the path ends in `.wh.<name>`, or in `.wh..wh..opq` for all of a directory. */
  | { readonly kind: "whiteout" }
);

export const whiteoutPrefix = ".wh.";
export const opaqueName = ".wh..wh..opq";

/** What one layer changes, parents first, sorted by bytes. The layer's root itself is no entry. */
export async function* changesOf(layer: Layer): AsyncGenerator<Change, void, undefined> {
  const metadata = readMetadata(layer.path);
  if (Object.keys(metadata.host ?? {}).length > 0)
    throw new Error(`layer ${layer.id} is made of directories of this machine and is never packed`);
  const reader = {
    root: layer.path,
    metadata,
    opaque: new Set(metadata.opaque),
    inodes: new Map<string, string>(),
  };
  yield* changesBelow(reader, "");
}

interface Reader {
  readonly root: string;
  readonly metadata: LayerMetadata;
  readonly opaque: ReadonlySet<string>;
  /** Files with several names: device and inode to the first path. */
  readonly inodes: Map<string, string>;
}

async function* changesBelow(reader: Reader, directory: string): AsyncGenerator<Change, void, undefined> {
  await new Promise(setImmediate);
  const prefix = directory === "" ? "" : `${directory}/`;
  if (reader.opaque.has(directory)) yield { kind: "whiteout", path: prefix + opaqueName, uid: 0, gid: 0 };
  for (const name of readdirSync(join(reader.root, directory)).sort(byBytes)) {
    const path = prefix + name;
    if (name.startsWith(whiteoutPrefix))
      throw new Error(`${path}: an image layer cannot hold a file whose name starts with ${whiteoutPrefix}`);
    const stats = lstatSync(join(reader.root, path));
    const change = isWhiteout(stats)
      ? ({ kind: "whiteout", path: `${prefix}${whiteoutPrefix}${name}`, uid: 0, gid: 0 } as const)
      : changeOf(reader, path, stats);
    if (change === undefined) continue;
    yield change;
    if (change.kind === "directory") yield* changesBelow(reader, path);
  }
}

function changeOf(reader: Reader, path: string, stats: Stats): Change | undefined {
  const diskPath = join(reader.root, path);
  const [uid, gid] = recordedOwner(reader, path) ?? ownerOf(stats);
  const common = { path, uid, gid, mode: stats.mode & 0o7777 };
  if (stats.isDirectory()) return { ...common, kind: "directory" };
  if (stats.isSymbolicLink()) return { path, uid, gid, kind: "symlink", target: readlinkSync(diskPath) };
  // A socket has no meaning without its process; no archive format holds one.
  if (stats.isSocket()) return undefined;
  if (!stats.isFile()) throw new Error(`${path}: an image layer holds no devices and no pipes`);
  const first = stats.nlink > 1 ? firstName(reader, path, stats) : path;
  if (first !== path) return hardLink(reader, path, first, stats);
  return { ...common, kind: "file", sizeBytes: stats.size, diskPath };
}

/** Names of one file have one owner: the one that is recorded for the first. */
function hardLink(reader: Reader, path: string, first: string, stats: Stats): Change {
  const [uid, gid] = recordedOwner(reader, first) ?? ownerOf(stats);
  return { kind: "hard-link", path, uid, gid, mode: stats.mode & 0o7777, target: first };
}

/** A file may be named `constructor`, which every object has. */
function recordedOwner(
  { metadata: { owners = {} } }: Reader,
  path: string,
): readonly [number, number] | undefined {
  return Object.hasOwn(owners, path) ? owners[path] : undefined;
}

function firstName({ inodes }: Reader, path: string, { dev, ino }: Stats): string {
  const key = `${String(dev)}:${String(ino)}`;
  const known = inodes.get(key);
  if (known === undefined) inodes.set(key, path);
  return known ?? path;
}

/** An ordinary user's own files are root's in the image: that is how a user namespace maps them. */
function ownerOf(stats: Stats): readonly [number, number] {
  const uid = process.geteuid?.() ?? 0;
  if (uid === 0) return [stats.uid, stats.gid];
  return [stats.uid === uid ? 0 : stats.uid, stats.gid === process.getegid?.() ? 0 : stats.gid];
}
