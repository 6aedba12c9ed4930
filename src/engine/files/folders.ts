import type { View } from "../../host/layers/layers.ts";
import { hashOf } from "../../model/canonical-json.ts";
import { EngineError, missingPath } from "../errors.ts";
import type { FileState, Folder } from "../states.ts";
import type { Files } from "./contents.ts";
import { IgnoreFile, isIgnored } from "./gitignore.ts";
import { selector, type Selection } from "./patterns.ts";
import { absolute, nameOf } from "./paths.ts";
import { entryOf, rootEntry, sought, Tree, type TreeEntry } from "./tree.ts";

export interface FolderSelection extends Selection {
  readonly gitignore?: boolean;
}

/** The folder at `path` of another; errors name the path as the caller wrote it. */
export async function subfolder(files: Files, folder: Folder, path: string): Promise<Folder> {
  const at = absolute(path.startsWith("/") ? `${folder.path}/${path}` : path, folder.path);
  const entry = await sought(await files.view(folder.contents), at, "directory");
  if (entry === undefined) throw missingPath(path);
  if (entry.type !== "directory") throw new EngineError(`path ${path} is a file, not a directory`);
  return { contents: folder.contents, path: at };
}

export async function fileIn(files: Files, folder: Folder, path: string): Promise<FileState> {
  const at = absolute(path.startsWith("/") ? `${folder.path}/${path}` : path, folder.path);
  const entry = await sought(await files.view(folder.contents), at, "file");
  if (entry === undefined) throw missingPath(path);
  if (entry.type === "directory") throw new EngineError(`path ${path} is a directory, not a file`);
  return { contents: folder.contents, path: at, name: nameOf(at) };
}

/** What is selected of a folder, as a tree of its own; keyed by content where the content is known. */
export async function selected(files: Files, folder: Folder, selection: FolderSelection = {}): Promise<Tree> {
  const selects =
    (selection.include?.length ?? 0) + (selection.exclude?.length ?? 0) > 0 || selection.gitignore === true;
  if (folder.contents.kind === "tree" && folder.path === "/" && !selects) return folder.contents;
  const view = await files.view(folder.contents);
  const entries = selects ? await select(view, folder.path, selection) : await everything(view, folder.path);
  return new Tree(entries, hashOf([folder.contents.key, folder.path, selection as never]), {
    isScripted: folder.contents.kind === "tree" && folder.contents.isScripted,
  });
}

async function everything(view: View, path: string): Promise<Map<string, TreeEntry>> {
  const entries = new Map<string, TreeEntry>([["", await rootOf(view, path)]]);
  for await (const item of view.walk(path)) {
    const entry = entryOf(item.entry);
    if (entry !== undefined) entries.set(item.path, entry);
  }
  return entries;
}

async function select(view: View, path: string, selection: FolderSelection): Promise<Map<string, TreeEntry>> {
  const select = selector(selection);
  const entries = new Map<string, TreeEntry>([["", await rootOf(view, path)]]);
  const visit = async (
    folder: string,
    above: readonly IgnoreFile[],
    pending: readonly (readonly [string, TreeEntry])[],
  ): Promise<void> => {
    const at = absolute(folder, path);
    const names = (await view.list(at)) ?? [];
    const ignore =
      selection.gitignore === true && names.includes(".gitignore")
        ? [...above, new IgnoreFile(folder, (await view.read(absolute(".gitignore", at))).toString())]
        : above;
    for (const name of names) {
      const inside = folder === "" ? name : `${folder}/${name}`;
      const found = await view.stat(absolute(name, at), { follow: false });
      const entry = found === undefined ? undefined : entryOf(found);
      if (entry === undefined || (ignore.length > 0 && isIgnored(ignore, inside, entry.type === "directory")))
        continue;
      if (select.selects(inside)) {
        for (const [parent, parentEntry] of pending) entries.set(parent, parentEntry);
        entries.set(inside, entry);
      }
      if (entry.type !== "directory") continue;
      const open = select.selects(inside)
        ? []
        : [...pending.filter(([parent]) => !entries.has(parent)), [inside, entry] as const];
      if (select.selects(inside) || select.mayHold(inside)) await visit(inside, ignore, open);
    }
  };
  await visit("", [], []);
  return entries;
}

async function rootOf(view: View, path: string): Promise<TreeEntry> {
  const found = await sought(view, path, "directory");
  return (found === undefined ? undefined : entryOf(found)) ?? rootEntry;
}

/** The entry of a file as it can be put elsewhere, and a key that names its content. */
export async function fileEntryOf(
  files: Files,
  file: FileState,
): Promise<{ readonly entry: TreeEntry; readonly key: string }> {
  const found = await sought(await files.view(file.contents), file.path, "file");
  const entry = found === undefined ? undefined : entryOf(found);
  if (entry === undefined) throw missingPath(file.path);
  return { entry, key: entry.hash ?? hashOf([file.contents.key, file.path]) };
}

export async function readFile(files: Files, file: FileState): Promise<Buffer> {
  return (await files.view(file.contents)).read(file.path);
}
