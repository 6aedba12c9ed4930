import {
  chmod,
  cp,
  lstat,
  mkdir,
  readdir,
  readFile,
  readlink,
  rm,
  symlink,
  writeFile,
} from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import type { Client, Directory } from "@dagger.io/dagger";

/** Patterns, each with what it names. */
export const patterns: Readonly<Record<string, RegExp>> = {
  a: /^a$/,
  b: /^b$/,
  "*": /^[^/]*$/,
  "*.txt": /^[^/]*\.txt$/,
  "a/b": /^a\/b$/,
  "a/*.txt": /^a\/[^/]*\.txt$/,
  "b/**": /^b\/.*$/,
  "**/c.txt": /^(.*\/)?c\.txt$/,
  "[ab]/?": /^[ab]\/[^/]$/,
};

/** One operation on a directory; paths are relative, `from` is a path of the directory as it is then. */
export type Operation =
  | { readonly kind: "file"; readonly path: string; readonly text: string; readonly mode: number }
  | { readonly kind: "folder"; readonly path: string; readonly mode: number }
  | { readonly kind: "link"; readonly path: string; readonly target: string }
  | { readonly kind: "copy-file"; readonly from: string; readonly path: string; readonly mode?: number }
  | {
      readonly kind: "copy-folder";
      readonly from: string;
      readonly path: string;
      readonly include: readonly string[];
      readonly exclude: readonly string[];
    }
  | { readonly kind: "remove"; readonly path: string; readonly as: "file" | "folder" };

/** The operation as the client asks for it. */
export function asked(directory: Directory, operation: Operation): Directory {
  switch (operation.kind) {
    case "file":
      return directory.withNewFile(operation.path, operation.text, { permissions: operation.mode });
    case "folder":
      return directory.withNewDirectory(operation.path, { permissions: operation.mode });
    case "link":
      return directory.withSymlink(operation.target, operation.path);
    case "copy-file": {
      const mode = operation.mode === undefined ? {} : { permissions: operation.mode };
      return directory.withFile(operation.path, directory.file(operation.from), mode);
    }
    case "copy-folder": {
      const { include, exclude } = operation;
      const source = directory.directory(operation.from);
      return directory.withDirectory(operation.path, source, {
        include: [...include],
        exclude: [...exclude],
      });
    }
    case "remove":
      return operation.as === "file"
        ? directory.withoutFile(operation.path)
        : directory.withoutDirectory(operation.path);
  }
}

/**
 * The same by mkdir, cp and rm. False, with nothing done, where the engine has to refuse it; undefined where nobody
 * knows what it does.
 */
export async function done(root: string, operation: Operation): Promise<boolean | undefined> {
  const at = join(root, operation.path);
  if (operation.kind === "remove") {
    // As `rm -rf` does: what is below a file is not there.
    if (await canHold(root, operation.path)) await rm(at, { recursive: true, force: true });
    return true;
  }
  if (!(await canHold(root, operation.path))) return false;
  switch (operation.kind) {
    case "file":
      if ((await typeOf(at)) === "folder") return false;
      await put(at, () => writeFile(at, operation.text), operation.mode);
      return true;
    case "folder":
      if ((await typeOf(at)) === "folder") return true;
      if ((await typeOf(at)) !== undefined) return false;
      await put(at, () => mkdir(at), operation.mode);
      return true;
    case "link":
      // What a link over something does is not recorded.
      if ((await typeOf(at)) !== undefined) return undefined;
      await put(at, () => symlink(operation.target, at));
      return true;
    case "copy-file": {
      const from = join(root, operation.from);
      if ((await typeOf(from)) !== "file") return false;
      const to = (await typeOf(at)) === "folder" ? join(at, basename(from)) : at;
      if ((await typeOf(to)) === "folder") return false;
      // A file may be copied onto itself.
      const [bytes, { mode }] = [await readFile(from), await lstat(from)];
      await put(to, () => writeFile(to, bytes), operation.mode ?? mode & 0o777);
      return true;
    }
    case "copy-folder": {
      if ((await typeOf(join(root, operation.from))) !== "folder") return false;
      await copyFolder(join(root, operation.from), at, operation);
      return true;
    }
  }
}

/** Names with what they are: mode and text of files, mode of folders, target of links. */
export async function treeOf(root: string): Promise<Record<string, string>> {
  const tree: Record<string, string> = {};
  for (const path of (await pathsBelow(root)).sort()) {
    const [at, stats] = [join(root, path), await lstat(join(root, path))];
    const mode = (stats.mode & 0o7777).toString(8);
    if (stats.isSymbolicLink()) tree[path] = `-> ${await readlink(at)}`;
    else tree[path] = stats.isDirectory() ? `${mode} folder` : `${mode} ${await readFile(at, "utf8")}`;
  }
  return tree;
}

export async function empty(dag: Client, kind: "in memory" | "on layers"): Promise<Directory> {
  if (kind === "in memory") return dag.directory();
  const made = dag.container().from("debian:bookworm-slim").withExec(["mkdir", "/made"]);
  return (await made.sync()).directory("/made");
}

/** A copy is taken first: a folder may be copied into itself. */
async function copyFolder(
  from: string,
  to: string,
  { include, exclude }: { readonly include: readonly string[]; readonly exclude: readonly string[] },
): Promise<void> {
  const taken = `${from.replace(/\/+$/, "")}-taken`;
  await cp(from, taken, { recursive: true, verbatimSymlinks: true });
  try {
    const paths = await pathsBelow(taken);
    const chosen = paths.filter(
      (path) => (include.length === 0 || named(include, path)) && !named(exclude, path),
    );
    const needed = paths.filter(
      (path) => chosen.includes(path) || chosen.some((each) => each.startsWith(`${path}/`)),
    );
    if ((await typeOf(to)) !== "folder") await put(to, () => mkdir(to), (await lstat(taken)).mode & 0o777);
    for (const path of needed.sort()) await copyOne(join(taken, path), join(to, path));
  } finally {
    await rm(taken, { recursive: true });
  }
}

async function copyOne(from: string, to: string): Promise<void> {
  const [source, there] = [await typeOf(from), await typeOf(to)];
  if (source === "folder" && there === "folder") return;
  await rm(to, { recursive: true, force: true });
  const { mode } = await lstat(from);
  if (source === "folder") await put(to, () => mkdir(to), mode & 0o777);
  else if (source === "link") await symlink(await readlink(from), to);
  else await put(to, async () => writeFile(to, await readFile(from)), mode & 0o777);
}

/** The last pattern that names the path or a folder above it decides; `!` takes back. */
function named(chosen: readonly string[], path: string): boolean {
  const above = path.split("/").map((_, index, names) => names.slice(0, index + 1).join("/"));
  const last = chosen.findLast((pattern) =>
    above.some((each) => patterns[pattern.replace("!", "")]?.test(each) === true),
  );
  return last?.startsWith("!") === false;
}

async function put(at: string, make: () => Promise<unknown>, mode?: number): Promise<void> {
  await makeFolders(dirname(at));
  await rm(at, { recursive: true, force: true });
  await make();
  if (mode !== undefined) await chmod(at, mode);
}

async function makeFolders(path: string): Promise<void> {
  if ((await typeOf(path)) === "folder") return;
  await makeFolders(dirname(path));
  await mkdir(path);
  await chmod(path, 0o755);
}

/** Everything above it is a folder, or is not there yet. */
async function canHold(root: string, path: string): Promise<boolean> {
  const names = path.split("/").slice(0, -1);
  const types = await Promise.all(names.map((_, index) => typeOf(join(root, ...names.slice(0, index + 1)))));
  return types.every((type) => type === undefined || type === "folder");
}

async function typeOf(path: string): Promise<"file" | "folder" | "link" | undefined> {
  const stats = await lstat(path).catch(() => undefined);
  if (stats === undefined) return undefined;
  if (stats.isSymbolicLink()) return "link";
  return stats.isDirectory() ? "folder" : "file";
}

async function pathsBelow(root: string): Promise<string[]> {
  const entries = await readdir(root, { recursive: true, withFileTypes: true });
  return entries.map((entry) => join(entry.parentPath, entry.name).slice(root.length + 1));
}
