import type { Edit, Files } from "../files/contents.ts";
import { difference, hashedTree, same } from "../files/compare.ts";
import { putTree, remove } from "../files/edits.ts";
import { absolute, byBytes } from "../files/paths.ts";
import type { Tree, TreeEntry } from "../files/tree.ts";
import type { ChangesetState, Folder } from "../states.ts";

/** What is in the one folder and not, or otherwise, in the other; folders end in a slash. */
export interface ChangedPaths {
  readonly added: readonly string[];
  readonly modified: readonly string[];
  /** A removed folder stands for all that was in it. */
  readonly removed: readonly string[];
}

export interface Sides {
  readonly before: Tree;
  readonly after: Tree;
}

export async function sidesOf(files: Files, { before, after }: ChangesetState): Promise<Sides> {
  const [old, next] = await Promise.all([hashedTree(files, before), hashedTree(files, after)]);
  return { before: old, after: next };
}

export function changedPaths({ before, after }: Sides): ChangedPaths {
  const added: string[] = [];
  const modified: string[] = [];
  for (const [path, entry] of after.entries) {
    if (path === "") continue;
    const old = before.entries.get(path);
    if (old === undefined || isFolder(old) !== isFolder(entry)) added.push(shown(path, entry));
    else if (!isFolder(entry) && !same(old, entry)) modified.push(path);
  }
  const removed = [...before.entries].filter(([path, entry]) => {
    const next = after.entries.get(path);
    return path !== "" && (next === undefined || isFolder(next) !== isFolder(entry));
  });
  const gone = new Set(removed.map(([path]) => path));
  const outermost = removed.filter(([path]) => !parentsOf(path).some((parent) => gone.has(parent)));
  return {
    added: added.sort(byBytes),
    modified: modified.sort(byBytes),
    removed: outermost.map(([path, entry]) => shown(path, entry)).sort(byBytes),
  };
}

/** Only what was added and modified. */
export async function layerOf(files: Files, { before, after }: ChangesetState): Promise<Folder> {
  return { contents: await difference(files, before, after), path: "/" };
}

/** What makes the changes in another folder: what was removed goes, what was added and modified comes. */
export async function editsFor(
  files: Files,
  changeset: ChangesetState,
  folder: string,
): Promise<readonly Edit[]> {
  const paths = changedPaths(await sidesOf(files, changeset));
  const layer = await difference(files, changeset.before, changeset.after);
  return [
    ...paths.removed.map((path) => remove(absolute(path, folder), { literal: true })),
    putTree(folder, layer),
  ];
}

function shown(path: string, entry: TreeEntry): string {
  return isFolder(entry) ? `${path}/` : path;
}

function isFolder({ type }: TreeEntry): boolean {
  return type === "directory";
}

function parentsOf(path: string): string[] {
  const names = path.split("/");
  return names.slice(1).map((_, index) => names.slice(0, index + 1).join("/"));
}
