import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { hashOf, type Json } from "../../model/canonical-json.ts";
import type { Entry, View } from "../../host/layers/layers.ts";
import { EngineError } from "../errors.ts";
import { absolute, byBytes, relative } from "./paths.ts";

/** A file, folder or link that stands nowhere yet: attributes, and where its bytes are. */
export interface TreeEntry {
  readonly type: "file" | "directory" | "symlink";
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  readonly sizeBytes: number;
  readonly modifiedAtMs: number;
  /** True where somebody asked for this time (withTimestamps): then it is a part of what the tree is. */
  readonly stamped?: true;
  readonly target?: string;
  /** A file's bytes: in memory, or in a file of this machine that does not change. */
  readonly bytes?: Buffer;
  readonly diskPath?: string;
  /** sha256 of a file's bytes, where it is known. */
  readonly hash?: string;
}

/** A folder as a value: its entries by relative path, the root as "". Immutable. */
export class Tree {
  readonly kind = "tree";
  readonly entries: ReadonlyMap<string, TreeEntry>;
  readonly #recipe: Json;
  /** True for an image or a step's filesystem that came from a script: known by its recipe, not by the few files that were told. */
  readonly isScripted: boolean;
  #key: string | undefined;
  #times: string | undefined;

  /** `recipe` names the tree where the content of one of its files is not known. */
  constructor(
    entries: ReadonlyMap<string, TreeEntry>,
    recipe: Json,
    options: { readonly isScripted?: boolean } = {},
  ) {
    this.entries = entries;
    this.#recipe = recipe;
    this.isScripted = options.isScripted === true;
  }

  /** A hash of the content; of the recipe where a file's hash is not known. Only times that were asked for count. */
  get key(): string {
    return (this.#key ??=
      (this.isScripted ? undefined : this.#contentKey()) ?? hashOf(["tree", this.#recipe]));
  }

  /** A hash of the times that `key` leaves out. */
  get times(): string {
    return (this.#times ??= hashOf(
      sortedPaths(this.entries).map((path) => this.entries.get(path)?.modifiedAtMs ?? 0),
    ));
  }

  #contentKey(): string | undefined {
    const hash = createHash("sha256");
    for (const path of sortedPaths(this.entries)) {
      const entry = this.entries.get(path);
      if (entry === undefined || (entry.type === "file" && entry.hash === undefined)) return undefined;
      const what = entry.type === "file" ? entry.hash : (entry.target ?? "");
      const time = entry.stamped === true ? [entry.modifiedAtMs] : [];
      hash.update(`${JSON.stringify([path, entry.type, entry.mode, entry.uid, entry.gid, what, ...time])}\n`);
    }
    return `sha256:${hash.digest("hex")}`;
  }
}

export const rootEntry: TreeEntry = folderEntry(0o755);
export const emptyTree = new Tree(new Map([["", rootEntry]]), "empty");

export function folderEntry(mode: number, uid = 0, gid = 0): TreeEntry {
  return { type: "directory", mode, uid, gid, sizeBytes: 0, modifiedAtMs: 0 };
}

export function fileEntry(bytes: Buffer, mode: number, uid = 0, gid = 0): TreeEntry {
  const hash = createHash("sha256").update(bytes).digest("hex");
  return { type: "file", mode, uid, gid, sizeBytes: bytes.length, modifiedAtMs: 0, bytes, hash };
}

export function linkEntry(target: string): TreeEntry {
  return { type: "symlink", mode: 0o777, uid: 0, gid: 0, sizeBytes: target.length, modifiedAtMs: 0, target };
}

/** An entry of a view as one that can be put elsewhere; undefined for devices, sockets and the like. */
export function entryOf(entry: Entry): TreeEntry | undefined {
  if (entry.type === "other") return undefined;
  const { type, mode, uid, gid, sizeBytes, modifiedAtMs, diskPath } = entry;
  const known = (entry as { hash?: string; bytes?: Buffer }).hash;
  const bytes = (entry as { bytes?: Buffer }).bytes;
  return {
    ...{ type, mode, uid, gid, sizeBytes, modifiedAtMs, diskPath },
    ...(entry.target === undefined ? {} : { target: entry.target }),
    ...(known === undefined ? {} : { hash: known }),
    ...(bytes === undefined ? {} : { bytes }),
  };
}

/** A tree read as any filesystem is. */
export class TreeView implements View {
  readonly #entries: ReadonlyMap<string, TreeEntry>;
  #children: Map<string, string[]> | undefined;

  constructor(entries: ReadonlyMap<string, TreeEntry>) {
    this.#entries = entries;
  }

  stat(path: string, options: { readonly follow?: boolean } = {}): Promise<Entry | undefined> {
    const at = this.#resolve(absolute(path), options.follow !== false);
    const entry = at === undefined ? undefined : this.#entries.get(relative(at));
    return Promise.resolve(entry === undefined ? undefined : { diskPath: "", ...entry });
  }

  list(path: string): Promise<readonly string[] | undefined> {
    const at = this.#resolve(absolute(path), true);
    if (at === undefined || this.#entries.get(relative(at))?.type !== "directory")
      return Promise.resolve(undefined);
    return Promise.resolve((this.#index().get(relative(at)) ?? []).toSorted(byBytes));
  }

  async read(path: string): Promise<Buffer> {
    const at = this.#resolve(absolute(path), true);
    const entry = at === undefined ? undefined : this.#entries.get(relative(at));
    if (entry?.type !== "file") throw new EngineError(`open ${path}: no such file`);
    return entry.bytes ?? (await readFile(entry.diskPath ?? ""));
  }

  async *walk(path: string): AsyncIterable<{ readonly path: string; readonly entry: Entry }> {
    await Promise.resolve();
    const at = this.#resolve(absolute(path), true);
    if (at === undefined) return;
    const prefix = at === "/" ? "" : `${relative(at)}/`;
    for (const name of sortedPaths(this.#entries)) {
      const entry = this.#entries.get(name);
      if (name === "" || !name.startsWith(prefix) || entry === undefined) continue;
      yield { path: name.slice(prefix.length), entry: { diskPath: "", ...entry } };
    }
  }

  #index(): Map<string, string[]> {
    if (this.#children !== undefined) return this.#children;
    this.#children = new Map();
    for (const path of this.#entries.keys()) {
      if (path === "") continue;
      const slash = path.lastIndexOf("/");
      const parent = slash === -1 ? "" : path.slice(0, slash);
      const names = this.#children.get(parent);
      if (names === undefined) this.#children.set(parent, [path.slice(slash + 1)]);
      else names.push(path.slice(slash + 1));
    }
    return this.#children;
  }

  #resolve(path: string, followLast: boolean, depth = 0): string | undefined {
    if (depth > 40) return undefined;
    const names = path.split("/").filter((name) => name !== "");
    let at = "";
    for (const [index, name] of names.entries()) {
      at = `${at}/${name}`;
      const last = index === names.length - 1;
      const entry = this.#entries.get(relative(at));
      if (entry === undefined) return undefined;
      if (entry.type === "symlink" && (!last || followLast)) {
        const rest = names.slice(index + 1).join("/");
        return this.#resolve(
          absolute(`${entry.target ?? ""}/${rest}`, at.slice(0, at.lastIndexOf("/")) || "/"),
          followLast,
          depth + 1,
        );
      }
      if (!last && entry.type !== "directory") return undefined;
    }
    return at === "" ? "/" : at;
  }
}

/** Parents before what is in them. */
export function sortedPaths(entries: ReadonlyMap<string, unknown>): string[] {
  return [...entries.keys()].sort(byPath);
}

/** By bytes, name for name: `a/b` before `a.txt`, as a walk meets them. */
function byPath(a: string, b: string): number {
  if (a === "" || b === "") return a.length - b.length;
  return byBytes(a.replaceAll("/", "\0"), b.replaceAll("/", "\0"));
}

/** A tree of which only a part is known: what is asked of it is taken to be there, and to be empty. */
export class AssumingView extends TreeView {
  override async stat(
    path: string,
    options: { readonly follow?: boolean; readonly expected?: "file" | "directory" } = {},
  ): Promise<Entry | undefined> {
    const found = await super.stat(path, options);
    if (found !== undefined || options.follow === false) return found;
    const looksLikeFile = /\.\w+$/.test(path);
    const type = options.expected ?? (looksLikeFile ? "file" : "directory");
    const entry = type === "file" ? fileEntry(Buffer.alloc(0), 0o644) : folderEntry(0o755);
    return { diskPath: "", ...entry };
  }

  override async list(path: string): Promise<readonly string[] | undefined> {
    return (await super.list(path)) ?? [];
  }

  override async read(path: string): Promise<Buffer> {
    return (await super.stat(path))?.type === "file" ? super.read(path) : Buffer.alloc(0);
  }
}

/** The entry at a path that must be of this type: a view that assumes takes it to be so. */
export function sought(view: View, path: string, expected: "file" | "directory"): Promise<Entry | undefined> {
  return view instanceof AssumingView ? view.stat(path, { expected }) : view.stat(path);
}
