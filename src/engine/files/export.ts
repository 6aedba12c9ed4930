import {
  chmod,
  copyFile,
  lstat,
  mkdir,
  readdir,
  rm,
  stat,
  symlink,
  utimes,
  writeFile,
} from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import { EngineError } from "../errors.ts";
import type { Session } from "../session.ts";
import type { FileState, Folder } from "../states.ts";
import { fileEntryOf, selected } from "./folders.ts";
import type { TreeEntry } from "./tree.ts";

/** Writes a folder's contents into a folder of the host; answers its absolute path. */
export async function exportFolder(
  session: Session,
  folder: Folder,
  path: string,
  wipe: boolean,
): Promise<string> {
  const target = resolve(session.options.workdir, path);
  const tree = await selected(session.files, folder);
  await mkdir(target, { recursive: true, mode: 0o700 }).catch((error: unknown) => {
    const { code = "", message } = error as NodeJS.ErrnoException;
    const why = ["EEXIST", "ENOTDIR"].includes(code) ? "not a directory" : message;
    throw new EngineError(
      `rpc error: code = Unknown desc = failed to create synctarget dest dir ${target}: mkdir ${target}: ${why}`,
    );
  });
  if (wipe)
    for (const name of await readdir(target)) await rm(join(target, name), { recursive: true, force: true });
  for (const [name, entry] of tree.entries) if (name !== "") await write(join(target, name), entry);
  const folders = [...tree.entries]
    .filter(([name, entry]) => name !== "" && entry.type === "directory")
    .reverse();
  // Last: a folder without the right to enter it could not be filled.
  for (const [name, entry] of folders) await chmod(join(target, name), entry.mode);
  return target;
}

/** Writes one file; into the folder at `path` only when that is allowed. */
export async function exportFile(
  session: Session,
  file: FileState,
  path: string,
  allowParentDirPath: boolean,
): Promise<string> {
  const target = resolve(session.options.workdir, path);
  const { entry } = await fileEntryOf(session.files, file);
  const there = await stat(target).catch(() => undefined);
  if (there?.isDirectory() === true && !allowParentDirPath) {
    throw new EngineError(
      `diff copy client error: rpc error: code = Unknown desc = destination ${JSON.stringify(target)} is a directory; must be a file path unless allowParentDirPath is set`,
    );
  }
  const at = there?.isDirectory() === true ? join(target, file.name) : target;
  await mkdir(dirname(at), { recursive: true, mode: 0o700 });
  const isNew = (await lstat(at).catch(() => undefined)) === undefined;
  if (entry.bytes !== undefined) await writeFile(at, entry.bytes);
  else await copyFile(entry.diskPath ?? "", at);
  if (isNew) await chmod(at, entry.mode);
  return target;
}

async function write(path: string, entry: TreeEntry): Promise<void> {
  const there = await lstat(path).catch(() => undefined);
  if (there !== undefined && (entry.type !== "directory" || !there.isDirectory()))
    await rm(path, { recursive: true });
  if (entry.type === "directory") {
    await mkdir(path, { recursive: true });
    return;
  }
  if (entry.type === "symlink") return symlink(entry.target ?? "", path);
  if (entry.bytes !== undefined) await writeFile(path, entry.bytes);
  else await copyFile(entry.diskPath ?? "", path);
  await chmod(path, entry.mode);
  await utimes(path, entry.modifiedAtMs / 1000, entry.modifiedAtMs / 1000);
}
