import { join, relative } from "node:path";
import { fileURLToPath } from "node:url";

const ownPackage = join(import.meta.dirname, "../../..");

/** Where a module's own code threw: `ci/src/index.ts:12`, from here. Undefined for what a library has thrown. */
export function thrownAt(error: unknown, from = process.cwd()): string | undefined {
  if (!(error instanceof Error)) return undefined;
  for (const frame of (error.stack ?? "").matchAll(
    /^ +at .*?\(?((?:file:\/\/|\/|node:)[^()]*):(\d+):\d+\)?$/gm,
  )) {
    const [, spelled = "", line = ""] = frame;
    // JSON.parse and the like: whoever called them is asked.
    if (spelled.startsWith("node:")) continue;
    const path = spelled.startsWith("file://") ? fileURLToPath(spelled) : spelled;
    const isForeign = path.includes("/node_modules/") || path.startsWith(join(ownPackage, "/"));
    return isForeign ? undefined : `${relative(from, path)}:${line}`;
  }
  return undefined;
}
