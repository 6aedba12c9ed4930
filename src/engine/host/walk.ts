import { lstat, readdir, readFile, readlink } from "node:fs/promises";
import { join } from "node:path";
import { IgnoreFile, isIgnored } from "../files/gitignore.ts";
import { selector, type Selection, type Selector } from "../files/patterns.ts";
import { rootEntry, sortedPaths, type TreeEntry } from "../files/tree.ts";

/** Finds what is selected of a folder of this machine, sorted; what is not selected is not read. Owners become root. */
export async function walkHost(
  root: string,
  selection: Selection & { readonly gitignore: boolean },
  fileAt: (disk: string) => Promise<TreeEntry>,
): Promise<ReadonlyMap<string, TreeEntry>> {
  const walk = new HostWalk(root, selector(selection), selection.gitignore, fileAt);
  await walk.folder("", []);
  return new Map(sortedPaths(walk.entries).map((path) => [path, walk.entries.get(path) ?? rootEntry]));
}

class HostWalk {
  readonly entries = new Map<string, TreeEntry>([["", rootEntry]]);
  readonly #root: string;
  readonly #select: Selector;
  readonly #gitignore: boolean;
  readonly #fileAt: (disk: string) => Promise<TreeEntry>;

  constructor(
    root: string,
    select: Selector,
    gitignore: boolean,
    fileAt: (disk: string) => Promise<TreeEntry>,
  ) {
    this.#root = root;
    this.#select = select;
    this.#gitignore = gitignore;
    this.#fileAt = fileAt;
  }

  async folder(folder: string, above: readonly IgnoreFile[]): Promise<void> {
    const listed = await readdir(join(this.#root, folder), { withFileTypes: true });
    const hasIgnoreFile =
      this.#gitignore && listed.some((item) => item.name === ".gitignore" && item.isFile());
    const ignore = hasIgnoreFile ? [...above, await this.#ignoreFile(folder)] : above;
    await Promise.all(
      listed.map(async (item) => {
        // Fairway's own state changes all the time and is nobody's input.
        if (item.name === ".fairway") return;
        const path = folder === "" ? item.name : `${folder}/${item.name}`;
        if (ignore.length > 0 && isIgnored(ignore, path, item.isDirectory())) return;
        const selected = this.#select.selects(path);
        if (item.isDirectory()) {
          if (selected) await this.#makeFolder(path);
          if (selected || this.#select.mayHold(path)) await this.folder(path, ignore);
        } else if (selected && (item.isFile() || item.isSymbolicLink())) {
          await this.#makeParents(path);
          const disk = join(this.#root, path);
          this.entries.set(path, item.isFile() ? await this.#fileAt(disk) : await linkAt(disk));
        }
      }),
    );
  }

  /** Folders that are not selected themselves are made for what is in them. */
  async #makeFolder(path: string): Promise<void> {
    if (this.entries.has(path)) return;
    this.entries.set(path, rootEntry);
    await this.#makeParents(path);
    const status = await lstat(join(this.#root, path));
    this.entries.set(path, { ...rootEntry, mode: status.mode & 0o7777, modifiedAtMs: status.mtimeMs });
  }

  async #makeParents(path: string): Promise<void> {
    const slash = path.lastIndexOf("/");
    if (slash !== -1) await this.#makeFolder(path.slice(0, slash));
  }

  async #ignoreFile(folder: string): Promise<IgnoreFile> {
    return new IgnoreFile(folder, await readFile(join(this.#root, folder, ".gitignore"), "utf8"));
  }
}

async function linkAt(disk: string): Promise<TreeEntry> {
  const [status, target] = await Promise.all([lstat(disk), readlink(disk)]);
  const { size: sizeBytes, mtimeMs: modifiedAtMs } = status;
  return { type: "symlink", mode: 0o777, uid: 0, gid: 0, sizeBytes, modifiedAtMs, target };
}
