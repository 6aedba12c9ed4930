import type { Entry, View } from "../../host/layers/layers.ts";
import type { GitFiles } from "./repository.ts";

/** A filesystem as isomorphic-git reads them; nothing can be written. */
export function viewFiles(view: View): GitFiles {
  const status = async (path: string, follow: boolean) => {
    const entry = await view.stat(path, { follow });
    if (entry === undefined) throw fault("ENOENT", path);
    return statusOf(entry);
  };
  const refuse = (path: string) => Promise.reject(fault("EROFS", path));
  return {
    promises: {
      readFile: async (path: string, options?: string | { readonly encoding?: string }) => {
        const entry = await view.stat(path);
        if (entry === undefined) throw fault("ENOENT", path);
        if (entry.type === "directory") throw fault("EISDIR", path);
        const bytes = await view.read(path);
        const encoding = typeof options === "string" ? options : options?.encoding;
        return encoding === undefined ? bytes : bytes.toString("utf8");
      },
      readdir: async (path: string) => {
        const names = await view.list(path);
        if (names === undefined)
          throw fault((await view.stat(path)) === undefined ? "ENOENT" : "ENOTDIR", path);
        return names;
      },
      stat: (path: string) => status(path, true),
      lstat: (path: string) => status(path, false),
      readlink: async (path: string) => (await view.stat(path, { follow: false }))?.target ?? "",
      ...{ writeFile: refuse, mkdir: refuse, rmdir: refuse, unlink: refuse, rm: refuse, symlink: refuse },
    },
  };
}

function statusOf(entry: Entry) {
  const times = {
    ...{ mtimeMs: entry.modifiedAtMs, ctimeMs: entry.modifiedAtMs },
    ...{ mtime: new Date(entry.modifiedAtMs), ctime: new Date(entry.modifiedAtMs) },
  };
  return {
    ...{ size: entry.sizeBytes, mode: entry.mode, ino: 0, dev: 0, uid: entry.uid, gid: entry.gid, ...times },
    isFile: () => entry.type === "file",
    isDirectory: () => entry.type === "directory",
    isSymbolicLink: () => entry.type === "symlink",
  };
}

function fault(code: string, path: string): Error {
  return Object.assign(new Error(`${code}: ${path}`), { code });
}
