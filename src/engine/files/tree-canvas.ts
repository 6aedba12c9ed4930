import type { Canvas } from "./canvas.ts";
import { byBytes, relative } from "./paths.ts";
import type { TreeEntry } from "./tree.ts";

/** Changes to a tree, in memory; the tree that it starts from stays as it is. */
export class TreeCanvas implements Canvas {
  readonly entries: Map<string, TreeEntry>;

  constructor(entries: ReadonlyMap<string, TreeEntry>) {
    this.entries = new Map(entries);
  }

  lstat(path: string): Promise<TreeEntry | undefined> {
    return Promise.resolve(this.entries.get(relative(path)));
  }

  list(path: string): Promise<readonly string[]> {
    const prefix = path === "/" ? "" : `${relative(path)}/`;
    const names = new Set<string>();
    for (const key of this.entries.keys()) {
      if (key !== "" && key.startsWith(prefix)) names.add(key.slice(prefix.length).split("/")[0] ?? "");
    }
    return Promise.resolve([...names].sort(byBytes));
  }

  folder(path: string, entry: TreeEntry): Promise<void> {
    this.entries.set(relative(path), entry);
    return Promise.resolve();
  }

  async put(path: string, entry: TreeEntry): Promise<void> {
    if (this.entries.get(relative(path))?.type === "directory") await this.remove(path);
    this.entries.set(relative(path), entry);
  }

  remove(path: string): Promise<void> {
    const name = relative(path);
    const isFolder = this.entries.get(name)?.type === "directory";
    this.entries.delete(name);
    if (isFolder) {
      for (const key of [...this.entries.keys()]) if (key.startsWith(`${name}/`)) this.entries.delete(key);
    }
    return Promise.resolve();
  }
}
