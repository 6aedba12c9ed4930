import { Buffer } from "node:buffer";

/**
 * Files in memory, as much of `fs.promises` as isomorphic-git needs for a bare repository: what is read for one command
 * is gone with it, and no crash leaves half a file behind.
 */
export function memoryFileSystem() {
  const files = new Map<string, Buffer>();
  const directories = new Set<string>(["/"]);
  const known = (path: string) => {
    if (!files.has(path) && !directories.has(path)) throw fault("ENOENT", path);
  };
  const stat = async (path: string) => {
    known(path);
    const size = files.get(path)?.length ?? 0;
    const isFile = files.has(path);
    const times = { mtimeMs: 0, ctimeMs: 0, mtime: new Date(0), ctime: new Date(0) };
    return {
      ...{ size, mode: isFile ? 0o100644 : 0o040755, ino: 0, dev: 0, uid: 0, gid: 0, ...times },
      isFile: () => isFile,
      isDirectory: () => !isFile,
      isSymbolicLink: () => false,
    };
  };
  const promises = {
    readFile: async (path: string, options?: string | { readonly encoding?: string }) => {
      const content = files.get(path);
      if (content === undefined) throw fault(directories.has(path) ? "EISDIR" : "ENOENT", path);
      const encoding = typeof options === "string" ? options : options?.encoding;
      return encoding === undefined ? content : content.toString("utf8");
    },
    writeFile: async (path: string, content: string | Uint8Array) => {
      if (!directories.has(parentOf(path))) throw fault("ENOENT", path);
      files.set(path, Buffer.from(content as string));
    },
    mkdir: async (path: string) => {
      if (directories.has(path)) throw fault("EEXIST", path);
      if (!directories.has(parentOf(path))) throw fault("ENOENT", path);
      directories.add(path);
    },
    readdir: async (path: string) => {
      if (!directories.has(path)) throw fault("ENOENT", path);
      const inside = [...files.keys(), ...directories].filter(
        (name) => name !== "/" && parentOf(name) === path,
      );
      return inside.map((name) => name.slice(name.lastIndexOf("/") + 1));
    },
    rm: async (path: string) => {
      known(path);
      files.delete(path);
      directories.delete(path);
    },
    stat,
    lstat: stat,
    readlink: async (path: string) => Promise.reject(fault("EINVAL", path)),
    symlink: async (_target: string, path: string) => Promise.reject(fault("EPERM", path)),
  };
  return { promises: { ...promises, unlink: promises.rm, rmdir: promises.rm } };
}

function parentOf(path: string): string {
  return path.slice(0, Math.max(1, path.lastIndexOf("/")));
}

function fault(code: string, path: string): Error {
  return Object.assign(new Error(`${code}: ${path}`), { code });
}
