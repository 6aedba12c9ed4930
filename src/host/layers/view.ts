import { lstatSync, readdirSync, readlinkSync, type Stats } from "node:fs";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import type { Entry, Stack, View } from "./layers.ts";
import { readMetadata, type LayerMetadata } from "./metadata.ts";

/** A directory on disk that takes part in a merged directory. */
export interface Source {
  readonly disk: string;
  readonly layer: SourceLayer;
  /** Path within the layer, without a leading slash. */
  readonly path: string;
}

export interface SourceLayer {
  readonly path: string;
  readonly metadata: LayerMetadata;
  readonly opaque: ReadonlySet<string>;
}

/** Where a path leads to when its symlinks are followed. */
export interface Resolved {
  /** Free of symlinks, absolute; the last parts may not exist. */
  readonly path: string;
  /** Undefined when nothing stands there. */
  readonly found: Found | undefined;
}

type Found =
  | { readonly kind: "directory"; readonly sources: readonly Source[]; readonly stats: Stats }
  | { readonly kind: "leaf"; readonly source: Source; readonly stats: Stats };

const maxSymlinks = 40;
const maxCachedDirectories = 20_000;

/** The view of a stack, read from the disk at each call except for which directories make up a merged one. */
export class MergedView implements View {
  readonly #top: readonly Source[];
  readonly #directories = new Map<string, Found | undefined>();

  constructor(stack: Stack) {
    this.#top = stack.toReversed().map((layer) => {
      const metadata = readMetadata(layer.path);
      return {
        disk: layer.path,
        path: "",
        layer: { path: layer.path, metadata, opaque: new Set(metadata.opaque) },
      };
    });
  }

  async stat(path: string, options: { readonly follow?: boolean } = {}): Promise<Entry | undefined> {
    const { found } = this.resolve(path, options);
    return found === undefined ? undefined : entryOf(found);
  }

  async list(path: string): Promise<readonly string[] | undefined> {
    const { found } = this.resolve(path);
    return found?.kind === "directory" ? namesOf(found.sources) : undefined;
  }

  async read(path: string): Promise<Buffer> {
    const { found } = this.resolve(path);
    if (found === undefined) throw fileError("ENOENT", "no such file or directory", path);
    if (found.kind === "directory") throw fileError("EISDIR", "illegal operation on a directory", path);
    return readFile(found.source.disk);
  }

  async *walk(path: string): AsyncIterable<{ readonly path: string; readonly entry: Entry }> {
    const { found } = this.resolve(path);
    if (found?.kind === "directory") yield* walkBelow(found.sources, "");
  }

  /** Follows symlinks as the kernel would in this filesystem; `..` of the root is the root. */
  resolve(path: string, options: { readonly follow?: boolean } = {}): Resolved {
    const waiting = partsOf(path).reverse();
    let done: string[] = [];
    let links = 0;
    while (waiting.length > 0) {
      const name = waiting.pop()!;
      if (name === "..") {
        done.pop();
        continue;
      }
      const found = this.#child(done, name);
      if (found === undefined || found.kind === "directory") {
        done.push(name);
        continue;
      }
      if (found.stats.isSymbolicLink() && (waiting.length > 0 || options.follow !== false)) {
        if (++links > maxSymlinks) throw fileError("ELOOP", "too many symbolic links", path);
        const target = readlinkSync(found.source.disk);
        if (target.startsWith("/")) done = [];
        waiting.push(...partsOf(target).reverse());
        continue;
      }
      if (waiting.length > 0)
        return { path: `/${[...done, name, ...waiting.reverse()].join("/")}`, found: undefined };
      return { path: `/${[...done, name].join("/")}`, found };
    }
    return { path: `/${done.join("/")}`, found: this.#directory(done) };
  }

  /** As stat, without following a last symlink, at once. */
  entry(path: string): Entry | undefined {
    const { found } = this.resolve(path, { follow: false });
    return found === undefined ? undefined : entryOf(found);
  }

  /** The names in a directory; undefined when something else or nothing stands there. */
  names(path: string): string[] | undefined {
    const { found } = this.resolve(path, { follow: false });
    return found?.kind === "directory" ? namesOf(found.sources) : undefined;
  }

  /** The directories on disk, top first, that are merged at this path; empty when it is no directory. */
  sources(path: string): readonly Source[] {
    const { found } = this.resolve(path);
    return found?.kind === "directory" ? found.sources : [];
  }

  #child(parent: readonly string[], name: string): Found | undefined {
    const directory = this.#directory(parent);
    return directory?.kind === "directory"
      ? this.#lookup([...parent, name].join("/"), directory.sources, name)
      : undefined;
  }

  #directory(parts: readonly string[]): Found | undefined {
    const key = parts.join("/");
    const known = this.#directories.get(key);
    if (known !== undefined) return known;
    if (parts.length > 0) return this.#child(parts.slice(0, -1), parts.at(-1)!);
    const top = this.#top[0];
    const stats = top === undefined ? undefined : lstatOf(top.disk);
    return stats === undefined ? undefined : { kind: "directory", sources: this.#top, stats };
  }

  #lookup(key: string, sources: readonly Source[], name: string): Found | undefined {
    const known = this.#directories.get(key);
    if (known !== undefined) return known;
    const found = lookup(sources, name);
    if (found?.kind === "directory") {
      if (this.#directories.size >= maxCachedDirectories) this.#directories.clear();
      this.#directories.set(key, found);
    }
    return found;
  }
}

/** What overlayfs shows under this name: the topmost entry, and for directories those below that it merges with. */
function lookup(sources: readonly Source[], name: string): Found | undefined {
  const merged: Source[] = [];
  let first: Stats | undefined;
  for (const parent of sources) {
    const path = parent.path === "" ? name : `${parent.path}/${name}`;
    const host = parent.path === "" ? own(parent.layer.metadata.host, name) : undefined;
    const source = { disk: host ?? join(parent.disk, name), layer: parent.layer, path };
    const stats = lstatOf(source.disk);
    if (stats === undefined) continue;
    if (isWhiteout(stats)) break;
    if (!stats.isDirectory()) {
      if (first === undefined) return { kind: "leaf", source, stats };
      break;
    }
    merged.push(source);
    first ??= stats;
    if (parent.layer.opaque.has(path)) break;
  }
  return first === undefined ? undefined : { kind: "directory", sources: merged, stats: first };
}

/** Not what every object has: a file may be called `constructor`. */
function own<T>(record: Readonly<Record<string, T>> | undefined, name: string): T | undefined {
  return record !== undefined && Object.hasOwn(record, name) ? record[name] : undefined;
}

function namesOf(sources: readonly Source[]): string[] {
  const names = new Set<string>();
  const hidden = new Set<string>();
  for (const source of sources) {
    for (const item of readdirSync(source.disk, { withFileTypes: true })) {
      if (names.has(item.name) || hidden.has(item.name)) continue;
      if (item.isCharacterDevice() && isWhiteout(lstatSync(join(source.disk, item.name))))
        hidden.add(item.name);
      else names.add(item.name);
    }
  }
  return [...names].sort(byBytes);
}

async function* walkBelow(
  sources: readonly Source[],
  prefix: string,
): AsyncIterable<{ readonly path: string; readonly entry: Entry }> {
  await new Promise(setImmediate);
  for (const name of namesOf(sources)) {
    const found = lookup(sources, name);
    if (found === undefined) continue;
    const path = prefix === "" ? name : `${prefix}/${name}`;
    yield { path, entry: entryOf(found) };
    if (found.kind === "directory") yield* walkBelow(found.sources, path);
  }
}

function entryOf(found: Found): Entry {
  const { stats } = found;
  const source = found.kind === "leaf" ? found.source : found.sources[0]!;
  const [uid, gid] = own(source.layer.metadata.owners, source.path) ?? ownerOf(stats);
  return {
    type: typeOf(stats),
    mode: stats.mode & 0o7777,
    uid,
    gid,
    sizeBytes: stats.size,
    modifiedAtMs: stats.mtimeMs,
    ...(stats.isSymbolicLink() ? { target: readlinkSync(source.disk) } : {}),
    diskPath: source.disk,
  };
}

function typeOf(stats: Stats): Entry["type"] {
  if (stats.isFile()) return "file";
  if (stats.isDirectory()) return "directory";
  return stats.isSymbolicLink() ? "symlink" : "other";
}

/** An ordinary user's own files are root's inside: that is how the user namespace maps them. */
function ownerOf(stats: Stats): readonly [number, number] {
  const uid = process.geteuid?.();
  if (uid === undefined || uid === 0) return [stats.uid, stats.gid];
  return [stats.uid === uid ? 0 : stats.uid, stats.gid === process.getegid?.() ? 0 : stats.gid];
}

export function isWhiteout(stats: Stats): boolean {
  return stats.isCharacterDevice() && stats.rdev === 0;
}

function lstatOf(path: string): Stats | undefined {
  try {
    return lstatSync(path, { throwIfNoEntry: false });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOTDIR") return undefined;
    throw error;
  }
}

export function partsOf(path: string): string[] {
  return path.split("/").filter((part) => part !== "" && part !== ".");
}

export function byBytes(a: string, b: string): number {
  return Buffer.compare(Buffer.from(a), Buffer.from(b));
}

function fileError(code: string, text: string, path: string): NodeJS.ErrnoException {
  return Object.assign(new Error(`${code}: ${text}, ${path}`), { code, path });
}
