import { createHash } from "node:crypto";
import { type Dirent, lstatSync, readdirSync } from "node:fs";
import { join } from "node:path";

/** Directories that are no part of the source: by a name, wherever it is, or by a path from the root. */
export interface LeftOut {
  readonly names: ReadonlySet<string>;
  readonly paths: ReadonlySet<string>;
}

/** The files of a repository, known by what the file system says of them. */
export interface Listing {
  /** SHA-256 in hex of paths, kinds, sizes, times and numbers of all files. */
  readonly hash: string;
  /** When the last of them was changed, in milliseconds since 1970. */
  readonly changedMs: number;
}

/**
 * Reads no file: an edit changes the time of change (ctime), which nobody can set back. Of .git only what tells which commit is
 * checked out, and which files it has.
 */
export function listingOf(root: string, leftOut: LeftOut): Listing {
  const hash = createHash("sha256");
  let changedMs = 0;
  const note = (path: string) => {
    const { mode, size, mtimeMs, ctimeMs, ino } = lstatSync(join(root, path));
    changedMs = Math.max(changedMs, ctimeMs);
    hash.update(`${path}\0${[mode, size, mtimeMs, ctimeMs, ino].join(" ")}\n`);
  };
  const walk = (directory: string) => {
    for (const entry of entriesOf(join(root, directory))) {
      const path = join(directory, entry.name);
      if (!entry.isDirectory()) note(path);
      else if (path === ".git")
        for (const name of ["HEAD", "index", "logs/HEAD"]) noteIfThere(join(path, name), note);
      else if (!leftOut.names.has(entry.name) && !leftOut.paths.has(path)) {
        hash.update(`${path}/\n`);
        walk(path);
      }
    }
  };
  walk("");
  return { hash: hash.digest("hex"), changedMs };
}

function entriesOf(directory: string): Dirent[] {
  return readdirSync(directory, { withFileTypes: true }).sort((one, other) =>
    one.name < other.name ? -1 : 1,
  );
}

function noteIfThere(path: string, note: (path: string) => void): void {
  try {
    note(path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ENOENT") throw error;
  }
}
