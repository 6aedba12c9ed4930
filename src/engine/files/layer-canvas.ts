import { randomUUID } from "node:crypto";
import {
  chmodSync,
  constants,
  lchownSync,
  linkSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readlinkSync,
  renameSync,
  rmSync,
  symlinkSync,
  utimesSync,
  type Stats,
} from "node:fs";
import { copyFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setImmediate as turn } from "node:timers/promises";
import type { LayerDraft, View } from "../../host/layers/layers.ts";
import { EngineError } from "../errors.ts";
import type { Canvas } from "./canvas.ts";
import { absolute, byBytes, parentOf } from "./paths.ts";
import { entryOf, type TreeEntry } from "./tree.ts";

/**
 * Changes written into a draft as overlayfs would write them: a folder of the layers below keeps its attributes,
 * what is removed leaves a whiteout. Bytes are written aside of this thread; names, links and attributes on it: a call takes
 * microseconds, and ten times that where another thread is asked for it.
 */
export class LayerCanvas implements Canvas {
  readonly #draft: LayerDraft;
  readonly #below: View;
  /** Only files below this folder may be linked instead of copied: they never change. */
  readonly #immutable: string;
  /** Folders that hide what the layers below have in their place. */
  readonly #opaque = new Set<string>();
  /** Those of folders, in milliseconds; whatever is put into one changes it. */
  readonly #times = new Map<string, number>();
  /** Owners that the disk cannot hold: an ordinary user cannot give files away. */
  readonly #owners = new Map<string, { readonly uid: number; readonly gid: number }>();
  #changes = 0;

  constructor(draft: LayerDraft, below: View, immutable: string) {
    this.#draft = draft;
    this.#below = below;
    this.#immutable = immutable;
  }

  async lstat(path: string): Promise<TreeEntry | undefined> {
    const own = this.#own(path);
    if (own === "removed") return undefined;
    if (own !== "absent") return own;
    if (this.#isCutOff(path)) return undefined;
    const below = await this.#below.stat(path, { follow: false });
    return below === undefined ? undefined : entryOf(below);
  }

  async list(path: string): Promise<readonly string[]> {
    const names = new Set(this.#isCutOff(absolute("x", path)) ? [] : await this.#below.list(path));
    for (const name of namesIn(this.#disk(path))) names.add(name);
    const there = await Promise.all(
      [...names].map(async (name) => ((await this.lstat(absolute(name, path))) ? [name] : [])),
    );
    return there.flat().sort(byBytes);
  }

  async folder(path: string, entry: TreeEntry): Promise<void> {
    await this.#takeTurns();
    const own = this.#own(path);
    const hides = own === "removed" || (own === "absent" && this.#isCutOff(path));
    if (own === "absent" || own === "removed" || own.type !== "directory") {
      await this.#bringParents(path);
      if (own !== "absent") await rm(this.#disk(path), { recursive: true });
      mkdirSync(this.#disk(path));
      // The folder of this name below would show through the new one.
      if (hides) await this.#hide(path);
    }
    this.#attributes(path, entry);
    if (entry.modifiedAtMs > 0) this.#times.set(path, entry.modifiedAtMs);
  }

  /** After the last change. */
  finish(): void {
    for (const [path, modifiedAtMs] of this.#times) {
      const own = this.#own(path);
      // What took its place in the meantime has its own times.
      if (typeof own === "string" || own.type !== "directory") continue;
      utimesSync(this.#disk(path), modifiedAtMs / 1000, modifiedAtMs / 1000);
    }
  }

  async put(path: string, entry: TreeEntry): Promise<void> {
    await this.#takeTurns();
    if (path === "/") throw new EngineError("open /: is a directory");
    await this.#bringParents(path);
    const disk = this.#disk(path);
    // The same file with other attributes. It may be a link into another layer, so that it is not changed in its place.
    if (entry.type === "file" && entry.diskPath === disk) return this.#again(path, entry);
    if (this.#own(path) !== "absent") await rm(disk, { recursive: true });
    if (entry.type === "symlink") {
      symlinkSync(entry.target ?? "", disk);
      this.#setOwner(path, entry);
      return;
    }
    if (entry.bytes === undefined && this.#link(entry, path)) return;
    if (entry.bytes !== undefined) await writeFile(disk, entry.bytes);
    else await copyFile(entry.diskPath ?? "", disk, constants.COPYFILE_FICLONE);
    this.#attributes(path, entry);
    const seconds = entry.modifiedAtMs / 1000;
    utimesSync(disk, seconds, seconds);
  }

  async #again(path: string, entry: TreeEntry): Promise<void> {
    const aside = `${this.#disk(path)}.${randomUUID()}`;
    renameSync(this.#disk(path), aside);
    try {
      await this.put(path, { ...entry, diskPath: aside });
    } finally {
      rmSync(aside, { force: true });
    }
  }

  async remove(path: string): Promise<void> {
    if ((await this.lstat(path)) === undefined) return;
    await rm(this.#disk(path), { recursive: true, force: true });
    if (this.#isCutOff(path) || (await this.#below.stat(path, { follow: false })) === undefined) return;
    await this.#bringParents(path);
    await this.#draft.remove(path.slice(1));
  }

  async #hide(path: string): Promise<void> {
    this.#opaque.add(path);
    await this.#draft.setOpaque(path.slice(1));
  }

  /** A folder of the draft shows only what is below it when every folder on the way is there below too. */
  #isCutOff(path: string): boolean {
    for (let at = parentOf(path); at !== "/"; at = parentOf(at)) {
      const own = this.#own(at);
      if (this.#opaque.has(at) || own === "removed" || (own !== "absent" && own.type !== "directory"))
        return true;
    }
    return false;
  }

  async #bringParents(path: string): Promise<void> {
    const parent = parentOf(path);
    if (parent === "/" || this.#own(parent) !== "absent") return;
    await this.#bringParents(parent);
    const below = await this.#below.stat(parent, { follow: false });
    const entry = below === undefined ? undefined : entryOf(below);
    if (entry?.type !== "directory")
      throw new EngineError(`cannot copy directory to non-directory "${parent}"`);
    mkdirSync(this.#disk(parent));
    this.#attributes(parent, entry);
  }

  #attributes(path: string, entry: TreeEntry): void {
    this.#setOwner(path, entry);
    chmodSync(this.#disk(path), entry.mode);
  }

  #setOwner(path: string, entry: TreeEntry): void {
    if (process.getuid?.() === 0) lchownSync(this.#disk(path), entry.uid, entry.gid);
    else this.#owners.set(path, entry);
    this.#draft.setOwner(path.slice(1), entry.uid, entry.gid);
  }

  #link(entry: TreeEntry, path: string): boolean {
    const source = entry.diskPath ?? "";
    if (!source.startsWith(`${this.#immutable}/`)) return false;
    const status = lstatSync(source);
    const owned = process.getuid?.() !== 0 || (status.uid === entry.uid && status.gid === entry.gid);
    const isSameTime = Math.abs(status.mtimeMs - entry.modifiedAtMs) < 1;
    if ((status.mode & 0o7777) !== entry.mode || !owned || !isSameTime) return false;
    try {
      linkSync(source, this.#disk(path));
    } catch {
      return false;
    }
    if (process.getuid?.() !== 0) this.#owners.set(path, entry);
    this.#draft.setOwner(path.slice(1), entry.uid, entry.gid);
    return true;
  }

  #own(path: string): TreeEntry | "absent" | "removed" {
    const disk = this.#disk(path);
    const status = statusOf(disk);
    if (status === undefined) return "absent";
    if (status.isCharacterDevice() && status.rdev === 0) return "removed";
    const type = status.isDirectory() ? "directory" : status.isSymbolicLink() ? "symlink" : "file";
    const { uid, gid } = this.#owners.get(path) ?? status;
    return {
      ...{ type, mode: status.mode & 0o7777, uid, gid, sizeBytes: status.size },
      ...{ modifiedAtMs: status.mtimeMs, diskPath: disk },
      ...(type === "symlink" ? { target: readlinkSync(disk) } : {}),
    };
  }

  #disk(path: string): string {
    return join(this.#draft.path, path);
  }

  async #takeTurns(): Promise<void> {
    this.#changes += 1;
    if (this.#changes % batch === 0) await turn();
  }
}

/** Changes between two turns of the event loop: a tree can have 100,000 entries. */
const batch = 500;

function statusOf(disk: string): Stats | undefined {
  try {
    return lstatSync(disk, { throwIfNoEntry: false });
  } catch {
    return undefined;
  }
}

function namesIn(disk: string): readonly string[] {
  try {
    return readdirSync(disk);
  } catch {
    return [];
  }
}
