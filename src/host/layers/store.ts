import { randomBytes, createHash } from "node:crypto";
import { lchownSync } from "node:fs";
import { chmod, lstat, mkdir, readFile, realpath, rename, stat, utimes, writeFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { failure } from "../../model/errors.ts";
import type { Layer, LayerDraft, LayerStore } from "./layers.ts";
import { processName } from "./living.ts";
import { discardDamaged } from "./damaged.ts";
import { isWhole, writeInventory } from "./inventory.ts";
import { withLock } from "./lock.ts";
import { addMetadata, masksPath } from "./metadata.ts";
import { measureStore, pruneStore, type PruneOptions, type StoreHoldings } from "./prune.ts";
import { removeTree } from "./remove.ts";
import { sweep } from "./sweep.ts";
import { UseRegister } from "./uses.ts";
import { isWhiteout } from "./view.ts";
import { makeWhiteout } from "./whiteout.ts";

/**
 * On disk, below the store's root:
 *   layers/<key>/fs, fs.json, fs.masks   a layer, what the directory cannot say, its whiteouts for opaque directories
 *   layers/<key>/inventory               a hash of its names, sizes and times, compared when a process first uses it
 *   drafts/<process>~<random>/           a layer while it is made; of a dead process: swept
 *   scratch/<process>~<random>/          directories that nobody keeps; swept likewise
 *   records/<key>.json, volumes/<name>/  JSON values; cache volumes
 *   uses/<process>                       the names of what a living process uses; kept from pruning
 */
export async function openStore(root: string): Promise<DiskStore> {
  const absolute = resolve(root);
  await onDisk(absolute, async () => {
    for (const folder of ["layers", "drafts", "scratch", "records", "volumes", "uses"]) {
      await mkdir(join(absolute, folder), { recursive: true, mode: 0o700 });
    }
    // PostgreSQL runs as another user where we are root: it may pass through to its scratch directory, by name.
    for (const path of [absolute, join(absolute, "scratch")]) await chmod(path, 0o711);
  }, [...notWritable, ...notADirectory]);
  const real = await realpath(absolute);
  await sweep(real);
  return new DiskStore(real);
}

export class DiskStore implements LayerStore {
  readonly root: string;
  readonly #process = processName();
  readonly #uses: UseRegister;
  /** What this process is making, so that it asks the kernel for each lock once. */
  readonly #making = new Map<string, Promise<Layer>>();
  readonly #known = new Map<string, Layer>();

  constructor(root: string) {
    this.root = root;
    this.#uses = new UseRegister(join(root, "uses", this.#process));
  }

  async ensure(key: string, fill: (draft: LayerDraft) => Promise<void>): Promise<Layer> {
    const known = await this.get(key);
    if (known !== undefined) return known;
    const making = this.#making.get(key);
    if (making !== undefined) return making;
    const made = this.#locked(key, async () => (await this.#find(key)) ?? (await this.#make(key, fill)));
    this.#making.set(key, made);
    try {
      return await made;
    } finally {
      this.#making.delete(key);
    }
  }

  async get(key: string): Promise<Layer | undefined> {
    const layer = await this.#look(key);
    return layer === "damaged" ? this.#locked(key, () => this.#find(key)) : layer;
  }

  /** The layer of this key; one that is damaged is taken away. Under the key's lock, or a good one might be. */
  async #find(key: string): Promise<Layer | undefined> {
    const layer = await this.#look(key);
    if (layer !== "damaged") return layer;
    await discardDamaged(this.root, `layers/${nameOf(key)}`);
    return undefined;
  }

  async #look(key: string): Promise<Layer | "damaged" | undefined> {
    const known = this.#known.get(key);
    if (known !== undefined) return known;
    const directory = join(this.root, "layers", nameOf(key));
    // Registered first: what is registered is not pruned, so that what then exists stays.
    this.#uses.add(`layers/${nameOf(key)}`);
    if (!(await exists(join(directory, "fs")))) return undefined;
    if (!(await isWhole(directory))) return "damaged";
    await touch(directory);
    const layer = { id: key, path: join(directory, "fs") };
    this.#known.set(key, layer);
    return layer;
  }

  /** Keeps layers that came from elsewhere (another process named their paths) from being pruned while we live. */
  use(layers: readonly Layer[]): void {
    const prefix = `${join(this.root, "layers")}/`;
    for (const { path } of layers) {
      if (path.startsWith(prefix)) this.#uses.add(`layers/${path.slice(prefix.length).split("/")[0]!}`);
    }
  }

  async readRecord(key: string): Promise<unknown> {
    const path = this.#recordPath(key);
    try {
      const text = await readFile(path, "utf8");
      await touch(path);
      return JSON.parse(text) as unknown;
    } catch (error) {
      // A damaged one tells nothing: what it told of is made again.
      if ((error as NodeJS.ErrnoException).code === "ENOENT" || error instanceof SyntaxError)
        return undefined;
      throw error;
    }
  }

  async writeRecord(key: string, value: unknown): Promise<void> {
    const path = this.#recordPath(key);
    await onDisk(this.root, async () => {
      const fresh = join(this.root, "drafts", this.#freshName());
      await writeFile(fresh, JSON.stringify(value), { mode: 0o600 });
      await rename(fresh, path);
    });
  }

  async scratch(): Promise<AsyncDisposable & { readonly path: string }> {
    const path = join(this.root, "scratch", this.#freshName());
    await onDisk(this.root, () => mkdir(path, { mode: 0o711 }));
    return { path, [Symbol.asyncDispose]: () => removeTree(path) };
  }

  async cacheVolume(name: string): Promise<string> {
    const path = join(this.root, "volumes", volumeName(name));
    this.#uses.add(`volumes/${volumeName(name)}`);
    await onDisk(this.root, () => mkdir(path, { recursive: true, mode: 0o755 }));
    await touch(path);
    return path;
  }

  async prune(maxBytes: number, options?: PruneOptions): Promise<{ readonly removedBytes: number }> {
    return withLock(`${this.root} prune`, () => pruneStore(this.root, maxBytes, options));
  }

  measure(): Promise<StoreHoldings> {
    return measureStore(this.root);
  }

  async #make(key: string, fill: (draft: LayerDraft) => Promise<void>): Promise<Layer> {
    const draft = join(this.root, "drafts", this.#freshName());
    const target = join(this.root, "layers", nameOf(key));
    const path = join(draft, "fs");
    const owners = Object.create(null) as Record<string, readonly [number, number]>;
    try {
      await onDisk(this.root, async () => {
        await mkdir(path, { recursive: true });
        await fill({
          path,
          setOwner: (name, uid, gid) => {
            owners[name.replace(/^\/+/, "")] = [uid, gid];
          },
          remove: (name) => makeWhiteout(this.root, join(path, name)),
          setOpaque: async (name) => {
            const relative = name.replace(/^\/+|\/+$/g, "");
            await mkdir(join(path, relative), { recursive: true });
            await makeMask(this.root, path, relative);
            await addMetadata(path, { opaque: [relative] });
          },
        });
        await keepOwners(path, owners);
        await writeInventory(draft);
        await rename(draft, target);
      });
    } catch (error) {
      await removeTree(draft);
      // Made by a process that our lock does not reach (another network namespace): the same key, the same layer.
      if (isTaken(error) && (await exists(join(target, "fs")))) return { id: key, path: join(target, "fs") };
      throw error;
    }
    const layer = { id: key, path: join(target, "fs") };
    this.#known.set(key, layer);
    return layer;
  }

  #locked<T>(key: string, work: () => Promise<T>): Promise<T> {
    return withLock(`${this.root} layer ${key}`, work);
  }

  #recordPath(key: string): string {
    return join(this.root, "records", `${nameOf(key)}.json`);
  }

  #freshName(): string {
    return `${this.#process}~${randomBytes(6).toString("hex")}`;
  }
}

/** A directory within an opaque one hides everything below it anyway. */
async function makeMask(root: string, path: string, relative: string): Promise<void> {
  const parts = relative.split("/");
  for (let length = 1; length < parts.length; length++) {
    const above = await lstat(join(masksPath(path), ...parts.slice(0, length))).catch(() => undefined);
    if (above !== undefined && isWhiteout(above)) return;
  }
  await makeWhiteout(root, join(masksPath(path), relative));
}

/** On the disk where we may, beside it where only root could. */
async function keepOwners(
  path: string,
  owners: Readonly<Record<string, readonly [number, number]>>,
): Promise<void> {
  if (process.geteuid?.() !== 0) {
    if (Object.keys(owners).length > 0) await addMetadata(path, { owners });
    return;
  }
  for (const [name, [uid, gid]] of Object.entries(owners)) {
    try {
      lchownSync(join(path, name), uid, gid);
    } catch (error) {
      // What was removed again needs no owner.
      if ((error as NodeJS.ErrnoException).code !== "ENOENT") throw error;
    }
  }
}

/** Keys are names of files, except for the colon, which overlayfs takes for a separator. */
function nameOf(key: string): string {
  if (!/^[a-z0-9:-]{1,128}$/.test(key))
    throw new TypeError(`not a key of the layer store: ${JSON.stringify(key)}`);
  return key.replaceAll(":", "_");
}

/** Any name becomes a directory's name; what is readable of it stays readable. */
function volumeName(name: string): string {
  const readable = name.replaceAll(/[^A-Za-z0-9.-]+/g, "-").slice(0, 60);
  return `${readable}_${createHash("sha256").update(name).digest("hex").slice(0, 16)}`;
}

const notWritable = ["EACCES", "EROFS"];
const notADirectory = ["ENOTDIR", "EEXIST", "EPERM"];

/** What the disk refuses becomes an error that its user can act on. */
async function onDisk<T>(
  root: string,
  work: () => Promise<T>,
  refusals: readonly string[] = notWritable,
): Promise<T> {
  try {
    return await work();
  } catch (error) {
    const { code, path } = error as NodeJS.ErrnoException;
    const remedy = "make room or set FAIRWAY_CACHE_DIR to a directory on a larger disk of this machine";
    if (code === "ENOSPC" || code === "EDQUOT") {
      throw failure(`no space left for Fairway's cache in ${root}`, {
        code: "CACHE_FULL",
        place: path,
        remedy,
        cause: error,
      });
    }
    if (refusals.includes(code ?? "") && path?.startsWith(root) === true) {
      throw failure(`cannot write to Fairway's cache in ${root}: ${code}`, {
        code: "CACHE_NOT_WRITABLE",
        place: path,
        remedy: "give yourself write access to it, or set FAIRWAY_CACHE_DIR to a directory of your own",
        cause: error,
      });
    }
    throw error;
  }
}

function isTaken(error: unknown): boolean {
  const code = (error as NodeJS.ErrnoException).code;
  return code === "ENOTEMPTY" || code === "EEXIST";
}

async function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  );
}

/** The time of the last use, for pruning. */
async function touch(path: string): Promise<void> {
  const now = new Date();
  await utimes(path, now, now).catch(() => undefined);
}
