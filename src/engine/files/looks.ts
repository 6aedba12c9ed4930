import type { Entry, View } from "../../host/layers/layers.ts";
import { EngineError, missingPath } from "../errors.ts";
import type { StatState } from "../states.ts";
import { absolute, nameOf, parentOf } from "./paths.ts";

const fileTypes = { file: "REGULAR", directory: "DIRECTORY", symlink: "SYMLINK", other: "UNKNOWN" } as const;

export async function stat(view: View, path: string, follow: boolean): Promise<StatState> {
  const entry = await view.stat(path, { follow });
  if (entry === undefined) throw missingPath(path);
  const permissions = entry.mode & 0o777;
  const at = follow ? await endOfLinks(view, path) : path;
  return { name: nameOf(at), fileType: fileTypes[entry.type], permissions, size: entry.sizeBytes };
}

export async function exists(
  view: View,
  path: string,
  options: { readonly expectedType?: string | null; readonly doNotFollowSymlinks?: boolean },
): Promise<boolean> {
  const links = options.doNotFollowSymlinks === true || options.expectedType === "SYMLINK_TYPE";
  const entry = await view.stat(path, { follow: !links });
  if (entry === undefined && (await isBelowFile(view, path)))
    throw new EngineError(`lstat ${path}: not a directory`);
  return (
    entry !== undefined && (options.expectedType == null || options.expectedType === expected[entry.type])
  );
}

const expected: Readonly<Record<Entry["type"], string>> = {
  file: "REGULAR_TYPE",
  directory: "DIRECTORY_TYPE",
  symlink: "SYMLINK_TYPE",
  other: "",
};

/** Where a chain of links at the end of a path leads; what stands there is there. */
async function endOfLinks(view: View, path: string): Promise<string> {
  let at = absolute(path);
  for (let hops = 0; hops < 40; hops++) {
    const entry = await view.stat(at, { follow: false });
    if (entry?.type !== "symlink" || entry.target === undefined) return at;
    at = absolute(entry.target, parentOf(at));
  }
  return at;
}

async function isBelowFile(view: View, path: string): Promise<boolean> {
  for (let at = parentOf(absolute(path)); at !== "/"; at = parentOf(at)) {
    const entry = await view.stat(at);
    if (entry !== undefined) return entry.type !== "directory";
  }
  return false;
}
