import { EngineError } from "../errors.ts";
import { absolute, parentOf } from "./paths.ts";
import { folderEntry, type TreeEntry } from "./tree.ts";

/** A filesystem that takes changes: a tree in memory, or a new layer over others. Paths are absolute and clean. */
export interface Canvas {
  /** What stands there, links not followed. */
  lstat(path: string): Promise<TreeEntry | undefined>;
  list(path: string): Promise<readonly string[]>;
  /** Makes a folder in an existing one, or sets the attributes of the one that is there. */
  folder(path: string, entry: TreeEntry): Promise<void>;
  /** Puts a file or link into an existing folder, in the place of whatever is there. */
  put(path: string, entry: TreeEntry): Promise<void>;
  remove(path: string): Promise<void>;
}

/** The path with the links in its parents (and, with `last`, in its end) followed; `..` stays within the root. */
export async function resolve(
  canvas: Canvas,
  path: string,
  options: { readonly last: boolean },
): Promise<string> {
  let names = path.split("/").filter((name) => name !== "");
  let at = "/";
  for (let hops = 0; names.length > 0;) {
    const [name = "", ...rest] = names;
    const next = absolute(name, at);
    const entry = rest.length === 0 && !options.last ? undefined : await canvas.lstat(next);
    if (entry?.type === "symlink" && hops++ < 40) {
      const target = absolute(entry.target ?? "", at);
      names = [...target.split("/").filter((part) => part !== ""), ...rest];
      at = "/";
    } else {
      at = next;
      names = rest;
    }
  }
  return at;
}

/** Makes the missing folders on the way to `path`, root's and 0755. */
export async function makeParents(canvas: Canvas, path: string): Promise<void> {
  const parent = parentOf(path);
  if (parent === "/") return;
  const there = await canvas.lstat(parent);
  if (there?.type === "directory") return;
  if (there !== undefined) throw new EngineError(`cannot copy directory to non-directory "${parent}"`);
  await makeParents(canvas, parent);
  await canvas.folder(parent, folderEntry(0o755));
}

export interface CopyOptions {
  readonly owner?: { readonly uid: number; readonly gid: number } | undefined;
  readonly permissions?: number | undefined;
  /** Sets the attributes of `target` itself too where it exists. */
  readonly setsRoot?: boolean;
}

/** Merges entries (relative paths, the root as "") into the folder `target`; what is there and not among them stays. */
export async function copyInto(
  canvas: Canvas,
  target: string,
  entries: ReadonlyMap<string, TreeEntry>,
  options: CopyOptions = {},
): Promise<void> {
  await makeParents(canvas, target);
  for (const [path, entry] of entries) {
    const at = path === "" ? target : absolute(path, target);
    const wanted = withOptions(entry, options);
    if (entry.type === "directory")
      await mergeFolder(canvas, at, wanted, path === "" && options.setsRoot === true);
    else await canvas.put(at, wanted);
  }
}

export function withOptions(entry: TreeEntry, options: CopyOptions): TreeEntry {
  const owned = options.owner === undefined ? entry : { ...entry, ...options.owner };
  return options.permissions === undefined || entry.type === "symlink"
    ? owned
    : { ...owned, mode: options.permissions };
}

async function mergeFolder(canvas: Canvas, at: string, wanted: TreeEntry, always: boolean): Promise<void> {
  const there = await canvas.lstat(at);
  if (there?.type === "directory" && !always) return;
  if (there !== undefined && there.type !== "directory") await canvas.remove(at);
  await canvas.folder(at, wanted);
}
