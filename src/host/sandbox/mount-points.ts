import {
  chmodSync,
  chownSync,
  existsSync,
  mkdirSync,
  realpathSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import type { Entry } from "../layers/layers.ts";
import type { MergedView } from "../layers/view.ts";
import { SandboxStartError } from "./errors.ts";

/**
 * Makes what is missing of the way to a mount point in `points`, a layer of its own that is stacked directly below
 * the changes of its overlay and forgotten after the run.
 */
export function makePoint(
  points: string,
  view: MergedView,
  part: string,
  names: readonly string[],
  type: "file" | "directory",
): void {
  const there = view.entry(join(part, ...names));
  if (there !== undefined && (there.type === "directory") === (type === "directory")) return;
  let disk = points;
  let inside = part;
  const way: { readonly disk: string; readonly entry: Entry }[] = [];
  for (const [index, name] of names.entries()) {
    disk = join(disk, name);
    inside = join(inside, name);
    const entry = view.entry(inside);
    if (index < names.length - 1 || type === "directory") {
      if (entry !== undefined && entry.type !== "directory") {
        throw new SandboxStartError(`mount ${inside}: not a directory`);
      }
      if (!existsSync(disk)) mkdirSync(disk, { mode: 0o755 });
      if (entry !== undefined) way.push({ disk, entry });
    } else if (entry === undefined) {
      writeFileSync(disk, "");
    } else if (entry.type === "directory") {
      throw new SandboxStartError(`mount ${inside}: a file cannot be mounted over a directory`);
    }
  }
  // Last, since what is made below a directory changes its time.
  for (const { disk, entry } of way.toReversed()) imitate(disk, entry);
}

/** Gives a directory the attributes of the one that it stands for. */
export function imitate(path: string, entry: Entry): void {
  chmodSync(path, entry.mode);
  if (process.geteuid?.() === 0) chownSync(path, entry.uid, entry.gid);
  utimesSync(path, entry.modifiedAtMs / 1000, entry.modifiedAtMs / 1000);
}

export function isInside(path: string, directory: string): boolean {
  const real = realpathSync(path);
  const top = realpathSync(directory);
  return real === top || real.startsWith(`${top}/`);
}
