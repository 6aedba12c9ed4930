import { createHash } from "node:crypto";
import { hashOf } from "../../model/canonical-json.ts";
import type { FileState, Folder } from "../states.ts";
import type { Files } from "./contents.ts";
import { fileEntryOf, readFile, selected } from "./folders.ts";
import { rootEntry, Tree, TreeView, type TreeEntry } from "./tree.ts";

/** A hash of names, modes, owners and contents; times do not count, nor how the directory was made. */
export async function digestOf(files: Files, folder: Folder): Promise<string> {
  const tree = await hashedTree(files, folder);
  const entries = new Map(tree.entries);
  entries.set("", rootEntry);
  return new Tree(entries, null).key;
}

export async function fileDigest(files: Files, file: FileState, withMetadata: boolean): Promise<string> {
  const { entry } = await fileEntryOf(files, file);
  const hash = createHash("sha256")
    .update(await readFile(files, file))
    .digest("hex");
  return hashOf(["file", hash, withMetadata ? [entry.mode, entry.uid, entry.gid] : null]);
}

/** What `changed` has that `base` has not, or has otherwise; what is missing from it is not told. */
export async function difference(files: Files, base: Folder, changed: Folder): Promise<Tree> {
  const [before, after] = await Promise.all([hashedTree(files, base), hashedTree(files, changed)]);
  const entries = new Map<string, TreeEntry>([["", rootEntry]]);
  for (const [path, entry] of after.entries) {
    if (path === "" || same(before.entries.get(path), entry)) continue;
    for (let slash = path.indexOf("/"); slash !== -1; slash = path.indexOf("/", slash + 1)) {
      const parent = path.slice(0, slash);
      entries.set(parent, after.entries.get(parent) ?? rootEntry);
    }
    entries.set(path, entry);
  }
  return new Tree(entries, hashOf(["diff", before.key, after.key]));
}

/** All of a folder, with the hash of each file. */
export async function hashedTree(files: Files, folder: Folder): Promise<Tree> {
  return hashed(await selected(files, folder));
}

/** Whether type, mode, owner and content are equal; of folders only what they are themselves. */
export function same(a: TreeEntry | undefined, b: TreeEntry): boolean {
  if (a === undefined || a.type !== b.type || a.mode !== b.mode || a.uid !== b.uid || a.gid !== b.gid)
    return false;
  return a.type === "directory" || (a.hash === b.hash && a.target === b.target);
}

/** The tree with the hash of each file. */
async function hashed(tree: Tree): Promise<Tree> {
  const view = new TreeView(tree.entries);
  const entries = new Map<string, TreeEntry>();
  for (const [path, entry] of tree.entries) {
    const unknown = entry.type === "file" && entry.hash === undefined;
    const hash = unknown
      ? createHash("sha256")
          .update(await view.read(`/${path}`))
          .digest("hex")
      : undefined;
    const { stamped, ...plain } = entry;
    void stamped;
    entries.set(path, hash === undefined ? plain : { ...plain, hash });
  }
  return new Tree(entries, null);
}
