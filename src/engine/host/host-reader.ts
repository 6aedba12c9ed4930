import { createHash } from "node:crypto";
import { constants, createReadStream, type BigIntStats } from "node:fs";
import {
  chmod,
  copyFile,
  lstat,
  mkdir,
  readdir,
  readFile,
  readlink,
  realpath,
  symlink,
  utimes,
} from "node:fs/promises";
import { basename, dirname, join, resolve } from "node:path";
import { pipeline } from "node:stream/promises";
import { hashOf } from "../../model/canonical-json.ts";
import { EngineError, missingPath } from "../errors.ts";
import { layerKey } from "../files/contents.ts";
import { IgnoreFile, isIgnored } from "../files/gitignore.ts";
import { selector, type Selection, type Selector } from "../files/patterns.ts";
import { rootEntry, sortedPaths, Tree, type TreeEntry } from "../files/tree.ts";
import { Limit } from "../limit.ts";
import type { Session } from "../session.ts";
import { StatCache } from "./stat-cache.ts";

export interface HostSelection extends Selection {
  readonly gitignore: boolean;
  readonly noCache: boolean;
}

/** Reads the user's files: each path once a session, each unchanged file's content once a machine. */
export class HostReader {
  readonly #session: Session;
  readonly #read = new Map<string, Promise<Tree>>();
  readonly #disk = new Limit(16);
  #cache: StatCache | undefined;

  constructor(session: Session) {
    this.#session = session;
  }

  directory(path: string, selection: HostSelection): Promise<Tree> {
    const at = resolve(this.#session.options.workdir, path);
    return this.#once(
      hashOf(["directory", at, { ...selection, noCache: false } as never]),
      selection.noCache,
      () => this.#readDirectory(at, selection),
    );
  }

  /** The file alone, under its own name, in a tree. */
  file(path: string, noCache: boolean): Promise<Tree> {
    const at = resolve(this.#session.options.workdir, path);
    return this.#once(hashOf(["file", at]), noCache, () => this.#readFile(at));
  }

  #once(key: string, again: boolean, read: () => Promise<Tree>): Promise<Tree> {
    const known = this.#read.get(key);
    if (known !== undefined && !again) return known;
    const reading = read();
    this.#read.set(key, reading);
    reading.catch(() => this.#read.delete(key));
    return reading;
  }

  async #readDirectory(path: string, selection: HostSelection): Promise<Tree> {
    const root = await realpath(path).catch(() => {
      throw new EngineError(`failed to read the host's directory: lstat ${path}: no such file or directory`);
    });
    if (!(await lstat(root)).isDirectory())
      throw new EngineError(`failed to read the host's directory: ${path}: not a directory`);
    const entries = new Map<string, TreeEntry>([["", rootEntry]]);
    await this.#walk({ root, select: selector(selection), gitignore: selection.gitignore, entries }, "", []);
    this.#statCache().save();
    return this.#keep(root, entries);
  }

  async #readFile(path: string): Promise<Tree> {
    const status = await lstat(await realpath(path).catch(() => path), { bigint: true }).catch(() => {
      throw missingPath(basename(path));
    });
    if (status.isDirectory()) throw new EngineError(`path ${basename(path)} is a directory, not a file`);
    const entry = await this.#fileEntry(await realpath(path), status);
    const entries = new Map([
      ["", rootEntry],
      [basename(path), entry],
    ]);
    return this.#keep(dirname(path), entries);
  }

  async #walk(walk: Walk, folder: string, ignoreFiles: readonly IgnoreFile[]): Promise<void> {
    const listed = await readdir(join(walk.root, folder), { withFileTypes: true });
    const files =
      walk.gitignore && listed.some((item) => item.name === ".gitignore" && item.isFile())
        ? [
            ...ignoreFiles,
            new IgnoreFile(folder, await readFile(join(walk.root, folder, ".gitignore"), "utf8")),
          ]
        : ignoreFiles;
    await Promise.all(
      listed.map(async (item) => {
        const path = folder === "" ? item.name : `${folder}/${item.name}`;
        // Fairway's own state changes all the time and is nobody's input.
        if (item.name === ".fairway") return;
        if (files.length > 0 && isIgnored(files, path, item.isDirectory())) return;
        if (item.isDirectory()) await this.#folder(walk, path, files);
        else if ((item.isFile() || item.isSymbolicLink()) && walk.select.selects(path))
          await this.#leaf(walk, path);
      }),
    );
  }

  async #folder(walk: Walk, path: string, files: readonly IgnoreFile[]): Promise<void> {
    const selected = walk.select.selects(path);
    if (selected) await this.#note(walk, path);
    if (selected || walk.select.mayHold(path)) await this.#walk(walk, path, files);
  }

  /** Folders that are not selected themselves are made for what is in them. */
  async #note(walk: Walk, path: string): Promise<void> {
    if (path === "" || walk.entries.has(path)) return;
    walk.entries.set(path, rootEntry);
    const slash = path.lastIndexOf("/");
    if (slash !== -1) await this.#note(walk, path.slice(0, slash));
    const status = await lstat(join(walk.root, path));
    walk.entries.set(path, { ...rootEntry, mode: status.mode & 0o7777, modifiedAtMs: status.mtimeMs });
  }

  async #leaf(walk: Walk, path: string): Promise<void> {
    const slash = path.lastIndexOf("/");
    if (slash !== -1) await this.#note(walk, path.slice(0, slash));
    const disk = join(walk.root, path);
    const status = await lstat(disk, { bigint: true });
    const common = { uid: 0, gid: 0, sizeBytes: Number(status.size), modifiedAtMs: Number(status.mtimeMs) };
    if (status.isSymbolicLink())
      walk.entries.set(path, { ...common, type: "symlink", mode: 0o777, target: await readlink(disk) });
    else walk.entries.set(path, await this.#fileEntry(disk, status));
  }

  async #fileEntry(disk: string, status: BigIntStats): Promise<TreeEntry> {
    const cache = this.#statCache();
    const known = cache.find(disk, status);
    const hash = known ?? (await this.#disk.run(() => hashFile(disk)));
    if (known === undefined) cache.remember(disk, status, hash);
    return {
      ...{ type: "file", mode: Number(status.mode) & 0o7777, uid: 0, gid: 0, sizeBytes: Number(status.size) },
      ...{ modifiedAtMs: Number(status.mtimeMs), diskPath: disk, hash },
    };
  }

  /** The bytes as they were read, in a layer: what the user changes later does not reach into the session. */
  async #keep(root: string, entries: ReadonlyMap<string, TreeEntry>): Promise<Tree> {
    const sorted = new Map(
      sortedPaths(entries).map((path) => [path, entries.get(path) ?? rootEntry] as const),
    );
    const tree = new Tree(sorted, null);
    const layer = await this.#session.store.ensure(layerKey("host", tree.key), async (draft) => {
      for (const [path, entry] of sorted) {
        if (path !== "" && entry.type === "directory") await mkdir(join(draft.path, path));
        if (entry.type === "symlink") await symlink(entry.target ?? "", join(draft.path, path));
      }
      const files = [...sorted].filter(([, entry]) => entry.type === "file");
      await Promise.all(
        files.map(([path, entry]) =>
          this.#disk.run(() => copy(join(root, path), join(draft.path, path), entry)),
        ),
      );
    });
    const kept = new Map<string, TreeEntry>();
    for (const [path, entry] of sorted) {
      kept.set(path, entry.type === "file" ? { ...entry, diskPath: join(layer.path, path) } : entry);
    }
    return new Tree(kept, null);
  }

  #statCache(): StatCache {
    return (this.#cache ??= new StatCache(join(this.#session.store.root, "host-files.db")));
  }
}

interface Walk {
  readonly root: string;
  readonly select: Selector;
  readonly gitignore: boolean;
  readonly entries: Map<string, TreeEntry>;
}

async function hashFile(path: string): Promise<string> {
  const hash = createHash("sha256");
  await pipeline(createReadStream(path), hash);
  return hash.digest("hex");
}

async function copy(from: string, to: string, entry: TreeEntry): Promise<void> {
  await copyFile(from, to, constants.COPYFILE_FICLONE);
  const status = await lstat(from);
  // Written to between hash and copy: the layer would be another content than its key says.
  if (status.mtimeMs !== entry.modifiedAtMs || status.size !== entry.sizeBytes) {
    if ((await hashFile(to)) !== entry.hash)
      throw new EngineError(`${from} changed while it was read; run the command again`);
  }
  await chmod(to, entry.mode);
  await utimes(to, entry.modifiedAtMs / 1000, entry.modifiedAtMs / 1000);
}
