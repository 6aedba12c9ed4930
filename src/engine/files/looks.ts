import type { Entry, View } from "../../host/layers/layers.ts";
import { missingPath } from "../errors.ts";
import type { StatState } from "../states.ts";
import { nameOf } from "./paths.ts";

const fileTypes = { file: "REGULAR", directory: "DIRECTORY", symlink: "SYMLINK", other: "UNKNOWN" } as const;

export async function stat(view: View, path: string, follow: boolean): Promise<StatState> {
  const entry = await view.stat(path, { follow });
  if (entry === undefined) throw missingPath(path);
  const permissions = entry.mode & 0o777;
  return { name: nameOf(path), fileType: fileTypes[entry.type], permissions, size: entry.sizeBytes };
}

export async function exists(
  view: View,
  path: string,
  options: { readonly expectedType?: string | null; readonly doNotFollowSymlinks?: boolean },
): Promise<boolean> {
  const links = options.doNotFollowSymlinks === true || options.expectedType === "SYMLINK_TYPE";
  const entry = await view.stat(path, { follow: !links });
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
