import { createHash, randomUUID } from "node:crypto";
import {
  constants,
  createReadStream,
  linkSync,
  lstatSync,
  mkdirSync,
  rmSync,
  symlinkSync,
  type BigIntStats,
} from "node:fs";
import { chmod, copyFile, lstat, readFile, realpath, utimes } from "node:fs/promises";
import { basename, dirname, join, relative, resolve } from "node:path";
import { pipeline } from "node:stream/promises";
import { setImmediate as turn } from "node:timers/promises";
import { all } from "../all.ts";
import { EngineError, missingPath } from "../errors.ts";
import { hashOf } from "../../model/canonical-json.ts";
import { layerKey } from "../files/contents.ts";
import type { Selection } from "../files/patterns.ts";
import { rootEntry, Tree, type TreeEntry } from "../files/tree.ts";
import { Limit } from "../limit.ts";
import type { Session } from "../session.ts";
import { StatCache, type KnownFile } from "./stat-cache.ts";
import { walkHost } from "./walk.ts";

export interface HostSelection extends Selection {
  readonly gitignore: boolean;
  readonly noCache: boolean;
}

/** A file as it was read: the entry's `diskPath` is still the user's own file. */
interface ReadFile {
  readonly status: BigIntStats;
  readonly known: KnownFile | undefined;
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
    const { include = [], exclude = [], gitignore, noCache } = selection;
    return this.#once(hashOf(["directory", at, include, exclude, gitignore]), noCache, () =>
      this.#readDirectory(at, selection),
    );
  }

  /** The file alone, under its own name, in a tree. */
  file(path: string, noCache: boolean): Promise<Tree> {
    const at = resolve(this.#session.options.workdir, path);
    return this.#once(hashOf(["file", at]), noCache, () => this.#readFile(at));
  }

  /** Relative to the working directory; null where no folder from there upwards has it. */
  async findUp(name: string): Promise<string | null> {
    const { workdir } = this.#session.options;
    for (let folder = resolve(workdir); ; folder = dirname(folder)) {
      const found = join(folder, name);
      if ((await lstat(found).catch(() => undefined)) !== undefined) return relative(workdir, found);
      if (folder === dirname(folder)) return null;
    }
  }

  close(): void {
    this.#cache?.close();
    this.#cache = undefined;
  }

  #once(key: string, again: boolean, read: () => Promise<Tree>): Promise<Tree> {
    const known = this.#read.get(key);
    if (known !== undefined && !again) return known;
    const reading = untilStill(read);
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
    const files = new Map<string, ReadFile>();
    return this.#keep(await walkHost(root, selection, (disk) => this.#fileAt(disk, files)), files);
  }

  async #readFile(path: string): Promise<Tree> {
    const real = await realpath(path).catch(() => {
      throw missingPath(basename(path));
    });
    if ((await lstat(real)).isDirectory())
      throw new EngineError(`path ${basename(path)} is a directory, not a file`);
    const files = new Map<string, ReadFile>();
    const entry = await this.#fileAt(real, files);
    return this.#keep(
      new Map([
        ["", rootEntry],
        [basename(path), entry],
      ]),
      files,
    );
  }

  async #fileAt(disk: string, files: Map<string, ReadFile>): Promise<TreeEntry> {
    if (this.#session.disk === undefined) return this.#disk.run(() => readIntoMemory(disk));
    const status = await lstat(disk, { bigint: true });
    const known = this.#statCache().find(disk, status);
    const hash = known?.hash ?? (await this.#disk.run(() => hashFile(disk)));
    files.set(disk, { status, known });
    return {
      ...{ type: "file", mode: Number(status.mode) & 0o7777, uid: 0, gid: 0, sizeBytes: Number(status.size) },
      ...{ modifiedAtMs: Number(status.mtimeMs), diskPath: disk, hash },
    };
  }

  /** The bytes as they were read, in a layer: what the user changes later does not reach into the session. */
  async #keep(entries: ReadonlyMap<string, TreeEntry>, files: ReadonlyMap<string, ReadFile>): Promise<Tree> {
    const tree = new Tree(entries, randomUUID());
    if (this.#session.disk === undefined) return tree;
    const layer = await this.#session.store.ensure(layerKey("host", tree.key), async (draft) => {
      const copies: [TreeEntry, string][] = [];
      let made = 0;
      // Parents come before what is in them.
      for (const [path, entry] of entries) {
        const to = join(draft.path, path);
        if (entry.type === "directory") mkdirSync(to, { recursive: true });
        else if (entry.type === "symlink") symlinkSync(entry.target ?? "", to);
        else if (!linked(files.get(entry.diskPath ?? "")?.known?.copy, entry, to)) copies.push([entry, to]);
        if (++made % batch === 0) await turn();
      }
      await all(copies.map(([entry, to]) => this.#disk.run(() => copy(entry, to))));
    });
    const kept = new Map<string, TreeEntry>();
    const learned: Parameters<StatCache["remember"]>[0][number][] = [];
    for (const [path, entry] of entries) {
      const copied = join(layer.path, path);
      const read = files.get(entry.diskPath ?? "");
      kept.set(path, entry.type === "file" ? { ...entry, diskPath: copied } : entry);
      if (read !== undefined && read.known?.copy !== copied) {
        learned.push({
          path: entry.diskPath ?? "",
          status: read.status,
          hash: entry.hash ?? "",
          copy: copied,
        });
      }
    }
    this.#statCache().remember(learned);
    return new Tree(kept, randomUUID());
  }

  #statCache(): StatCache {
    return (this.#cache ??= new StatCache(join(this.#session.store.root, "host-files.db")));
  }
}

/** Files change while they are read, where a program writes into the folder: then all is read again, a few times. */
async function untilStill(read: () => Promise<Tree>): Promise<Tree> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await read();
    } catch (error) {
      const moved = error instanceof Changed || (error as NodeJS.ErrnoException).code === "ENOENT";
      if (!moved) throw error;
      if (attempt === 5)
        throw new EngineError(
          `${(error as Error).message}; end what writes there, or leave it out with exclude`,
          { cause: error },
        );
    }
  }
}

class Changed extends Error {}

/** Larger ones stay where they are: a session that only looks at names and hashes does not hold them. */
const largestInMemory = 256 * 1024;

async function readIntoMemory(disk: string): Promise<TreeEntry> {
  const status = await lstat(disk);
  const isSmall = status.size <= largestInMemory;
  const bytes = isSmall ? await readFile(disk) : undefined;
  const hash = bytes === undefined ? await hashFile(disk) : createHash("sha256").update(bytes).digest("hex");
  return {
    ...{ type: "file", mode: status.mode & 0o7777, uid: 0, gid: 0, sizeBytes: bytes?.length ?? status.size },
    ...{ modifiedAtMs: Math.floor(status.mtimeMs), hash },
    ...(bytes === undefined ? { diskPath: disk } : { bytes }),
  };
}

async function hashFile(path: string): Promise<string> {
  const hash = createHash("sha256");
  await pipeline(createReadStream(path), hash);
  return hash.digest("hex");
}

async function copy(entry: TreeEntry, to: string): Promise<void> {
  const from = entry.diskPath ?? "";
  await copyFile(from, to, constants.COPYFILE_FICLONE);
  const status = await lstat(from);
  // Written to between hash and copy: the layer would be another content than its key says.
  const isSame = status.mtimeMs === entry.modifiedAtMs && status.size === entry.sizeBytes;
  if (!isSame && (await hashFile(to)) !== entry.hash) throw new Changed(`${from} changed while it was read`);
  await chmod(to, entry.mode);
  await utimes(to, entry.modifiedAtMs / 1000, entry.modifiedAtMs / 1000);
}

/** Entries between two turns of the event loop: a repository can have 100,000. */
const batch = 500;

/**
 * Puts a link to the store's copy of the same file; false, with nothing left, where there is none, or it is not what was put there.
 * On this thread: asking another one takes ten times as long as the call.
 */
function linked(known: string | undefined, entry: TreeEntry, to: string): boolean {
  if (known === undefined) return false;
  try {
    linkSync(known, to);
    const status = lstatSync(to);
    if (status.size === entry.sizeBytes && Math.abs(status.mtimeMs - entry.modifiedAtMs) < 1) return true;
    rmSync(to);
    return false;
  } catch {
    return false;
  }
}
