import { existsSync, mkdirSync, renameSync } from "node:fs";
import { join } from "node:path";

/** overlayfs's working directory, on the filesystem of the changes. */
export function workOf(upper: string): string {
  const path = `${upper}.work`;
  mkdirSync(path, { recursive: true });
  return path;
}

/** The directory beside `upper` that takes the changes below one of this machine's directories. */
export function besideOf(upper: string, name: string): string {
  const path = `${upper}.${name}`;
  if (existsSync(join(upper, name))) renameSync(join(upper, name), path);
  else mkdirSync(path);
  return path;
}
