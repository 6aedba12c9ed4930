import { createHash } from "node:crypto";
import { hashOf } from "../../model/canonical-json.ts";
import { EngineError } from "../errors.ts";
import { selected } from "../files/folders.ts";
import { IgnoreFile, isIgnored } from "../files/gitignore.ts";
import {
  fileEntry,
  folderEntry,
  linkEntry,
  rootEntry,
  Tree,
  TreeView,
  type TreeEntry,
} from "../files/tree.ts";
import type { Session } from "../session.ts";
import type { ChangesetState, Folder } from "../states.ts";
import { checkout } from "./checkout.ts";
import { commitFiles, type CommitFile } from "./commit-files.ts";
import { findRef } from "./refs.ts";
import type { Repository } from "./repository.ts";

/** From the last commit to the folder as it is; what is ignored is no change. What a server has is all committed. */
export async function uncommitted(session: Session, repository: Repository): Promise<ChangesetState> {
  const { folder } = repository;
  const ref = findRef(await repository.refs(), "HEAD");
  const { commit } = ref;
  if (repository.origin !== null) {
    const whole = { discardGitDir: false, depth: 1, includeTags: false };
    const tree: Folder = { contents: await checkout(session, { repository, ref }, whole), path: "/" };
    return { before: tree, after: tree };
  }
  if (folder === null) throw new EngineError("git error: this operation must be run in a work tree");
  const wanted = { commits: [commit], depth: 1, includeTags: false };
  return repository.withObjects(wanted, async (objects) => {
    const tree = await selected(session.files, folder);
    const committed = await commitFiles(objects, commit);
    const entries = await cleaned(tree, new Map(committed.map((file) => [file.path, file])));
    const before: Folder = { contents: new Tree(entries, hashOf(["cleaned", tree.key, commit])), path: "/" };
    return { before, after: folder };
  });
}

/** The folder as `git reset --hard` and `git clean -fd` would leave it. */
async function cleaned(
  tree: Tree,
  committed: ReadonlyMap<string, CommitFile>,
): Promise<ReadonlyMap<string, TreeEntry>> {
  const view = new TreeView(tree.entries);
  const ignores = await ignoreFiles(view, tree);
  const entries = new Map<string, TreeEntry>([["", tree.entries.get("") ?? rootEntry]]);
  const put = (path: string, entry: TreeEntry) => {
    for (let slash = path.indexOf("/"); slash !== -1; slash = path.indexOf("/", slash + 1)) {
      const parent = path.slice(0, slash);
      const known = tree.entries.get(parent);
      if (!entries.has(parent)) entries.set(parent, known?.type === "directory" ? known : folderEntry(0o755));
    }
    entries.set(path, entry);
  };
  for (const [path, entry] of tree.entries) {
    if (path === "" || committed.has(path)) continue;
    const isKept = path.startsWith(".git/") || isIgnoredBelow(ignores, path, entry.type === "directory");
    if (isKept) put(path, entry);
  }
  for (const [path, file] of committed) {
    const there = tree.entries.get(path);
    const isSame = there !== undefined && (await isUnchanged(view, path, there, file));
    put(path, isSame ? there : await written(file));
  }
  return entries;
}

async function isUnchanged(
  view: TreeView,
  path: string,
  entry: TreeEntry,
  { mode, oid }: CommitFile,
): Promise<boolean> {
  const isLink = mode === "120000";
  if (entry.type !== (isLink ? "symlink" : "file")) return false;
  if (!isLink && (entry.mode & 0o100) !== (mode === "100755" ? 0o100 : 0)) return false;
  const bytes = isLink ? Buffer.from(entry.target ?? "") : await view.read(`/${path}`);
  return (
    oid ===
    createHash("sha1")
      .update(`blob ${String(bytes.length)}\0`)
      .update(bytes)
      .digest("hex")
  );
}

async function written(file: CommitFile): Promise<TreeEntry> {
  const bytes = await file.read();
  if (file.mode === "120000") return linkEntry(bytes.toString());
  return fileEntry(bytes, file.mode === "100755" ? 0o755 : 0o644);
}

async function ignoreFiles(view: TreeView, tree: Tree): Promise<ReadonlyMap<string, IgnoreFile>> {
  const found = new Map<string, IgnoreFile>();
  for (const [path, entry] of tree.entries) {
    const [, folder] = /^(?:(.*)\/)?\.gitignore$/.exec(path) ?? [undefined, undefined];
    if (entry.type !== "file" || !/(^|\/)\.gitignore$/.test(path)) continue;
    found.set(folder ?? "", new IgnoreFile(folder ?? "", (await view.read(`/${path}`)).toString()));
  }
  return found;
}

/** Whether it, or a folder that it is in, is ignored. */
function isIgnoredBelow(files: ReadonlyMap<string, IgnoreFile>, path: string, isFolder: boolean): boolean {
  const parts = path.split("/");
  const above: IgnoreFile[] = [];
  for (const [index] of parts.entries()) {
    const file = files.get(parts.slice(0, index).join("/"));
    if (file !== undefined) above.push(file);
    const isLast = index === parts.length - 1;
    if (isIgnored(above, parts.slice(0, index + 1).join("/"), !isLast || isFolder)) return true;
  }
  return false;
}
