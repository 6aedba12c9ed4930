import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { Change } from "./packages.ts";

/** npm reads the .npmrc beside a package.json, and none above it: where packages come from, without what signs in there. */
export function registriesFor(folder: string, root: string): Change[] {
  const file = join(root, ".npmrc");
  if (!existsSync(file)) return [];
  const lines = readFileSync(file, "utf8")
    .split(/\r?\n/)
    .filter((line) => /^\s*(?:@[\w.-]+:)?registry\s*=/.test(line) && !/\/\/[^/]*@/.test(line));
  if (lines.length === 0) return [];
  return [{ path: `${folder}/.npmrc`, content: `${lines.join("\n")}\n`, summary: [] }];
}
