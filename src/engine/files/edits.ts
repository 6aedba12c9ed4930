import { EngineError } from "../errors.ts";
import { copyInto, makeParents, resolve, withOptions, type Canvas, type CopyOptions } from "./canvas.ts";
import type { Edit } from "./contents.ts";
import { globber, isPattern } from "./patterns.ts";
import { absolute, relative } from "./paths.ts";
import { folderEntry, linkEntry, type Tree, type TreeEntry } from "./tree.ts";

/** A file put at `path`; into the folder of that name, under `name`, where there is one or the path ends in a slash. */
export function putFile(
  path: string,
  name: string,
  entry: TreeEntry,
  key: string,
  options: CopyOptions = {},
): Edit {
  const wanted = withOptions(entry, options);
  return {
    key: ["file", path, name, key, wanted.mode, wanted.uid, wanted.gid],
    times: wanted.modifiedAtMs,
    apply: async (canvas) => {
      let at = await resolve(canvas, absolute(path), { last: false });
      const isFolder = (await canvas.lstat(await resolve(canvas, at, { last: true })))?.type === "directory";
      if (isFolder || path.endsWith("/")) at = absolute(name, at);
      await makeParents(canvas, at);
      await canvas.put(at, wanted);
    },
  };
}

/** A file put at `path`, where no folder may stand. */
export function putNewFile(path: string, entry: TreeEntry, key: string): Edit {
  const put = putFile(path, "", entry, key);
  return {
    ...put,
    key: ["new-file", path, key, entry.mode],
    apply: async (canvas) => {
      const at = await resolve(canvas, absolute(path), { last: true });
      if ((await canvas.lstat(at))?.type === "directory")
        throw new EngineError(`open ${path}: is a directory`);
      await put.apply(canvas);
    },
  };
}

export function makeFolder(path: string, mode: number): Edit {
  return {
    key: ["folder", path, mode],
    apply: async (canvas) => {
      const at = await resolve(canvas, absolute(path), { last: true });
      const there = await canvas.lstat(at);
      if (there?.type === "directory") return;
      if (there !== undefined) throw new EngineError(`mkdir ${at}: not a directory`);
      await makeParents(canvas, at);
      await canvas.folder(at, folderEntry(mode));
    },
  };
}

/** The tree merged into the folder at `path`. */
export function putTree(path: string, tree: Tree, options: CopyOptions = {}): Edit {
  return {
    key: ["tree", path, tree.key, options.owner ?? null, options.permissions ?? null],
    times: tree.times,
    apply: async (canvas) => {
      const at = await resolve(canvas, absolute(path), { last: true });
      const setsRoot = options.owner !== undefined || options.permissions !== undefined;
      await copyInto(canvas, at, tree.entries, { ...options, setsRoot });
    },
  };
}

export function putLink(path: string, target: string): Edit {
  return {
    key: ["link", path, target],
    apply: async (canvas) => {
      const at = await resolve(canvas, absolute(path), { last: false });
      await makeParents(canvas, at);
      await canvas.put(at, linkEntry(target));
    },
  };
}

/** Files and folders removed; a path may be a pattern unless it is meant literally, and need not be there. */
export function remove(path: string, { literal = false } = {}): Edit {
  return {
    key: ["remove", path, ...(literal ? ["literal"] : [])],
    apply: async (canvas) => {
      if (!literal && isPattern(path)) return removeMatching(canvas, absolute(path));
      const at = await resolve(canvas, absolute(path), { last: false });
      if (at === "/") for (const name of await canvas.list("/")) await canvas.remove(absolute(name));
      else await canvas.remove(at);
    },
  };
}

async function removeMatching(canvas: Canvas, pattern: string): Promise<void> {
  const names = pattern.split("/");
  const fixed = names.slice(0, Math.max(1, names.findIndex(isPattern))).join("/") || "/";
  const matches = globber(relative(pattern));
  const visit = async (folder: string): Promise<void> => {
    for (const name of await canvas.list(folder)) {
      const at = absolute(name, folder);
      if (matches(relative(at))) await canvas.remove(at);
      else if ((await canvas.lstat(at))?.type === "directory") await visit(at);
    }
  };
  await visit(fixed);
}

/** New attributes for what stands at `path` and, where it is a folder, for all below it. */
export function change(
  path: string,
  name: string,
  attributes: Partial<Pick<TreeEntry, "uid" | "gid" | "modifiedAtMs" | "stamped">>,
): Edit {
  return {
    key: ["change", name, path, { ...attributes }],
    apply: async (canvas) => {
      const visit = async (at: string): Promise<void> => {
        const entry = await canvas.lstat(at);
        if (entry === undefined) return;
        const changed = { ...entry, ...attributes };
        if (entry.type !== "directory") return canvas.put(at, changed);
        for (const child of await canvas.list(at)) await visit(absolute(child, at));
        await canvas.folder(at, changed);
      };
      await visit(await resolve(canvas, absolute(path), { last: true }));
    },
  };
}
