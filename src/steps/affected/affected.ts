import type { ChangedPaths } from "../source/changed-paths.ts";

/** What the commits since a base, and what is not committed, have touched. */
export interface Affected {
  /** `origin/main (1a2b3c4)` */
  readonly since: string;
  readonly touched: Touched;
}

export type Touched =
  | { readonly kind: "nothing" }
  /** A change outside of every package may be about any of them. */
  | { readonly kind: "everything"; readonly why: string }
  | {
      readonly kind: "packages";
      /** Their folders, sorted. */
      readonly directories: readonly string[];
      /** All that was changed. */
      readonly paths: readonly string[];
      /** For cargo: the names of those crates and of all that depend on them, sorted. */
      readonly crates: readonly string[];
    };

/** The packages of a repository beside its root. */
export interface Packages {
  /** Their folders; `.` for a crate at the root. */
  readonly directories: readonly string[];
  /** True for a file that is about all of them, though a package holds it. */
  readonly decidesForAll: (path: string) => boolean;
  /** Names of the packages in these folders and of all that depend on them; empty where the task runner finds them itself. */
  readonly dependentsOf: (directories: readonly string[]) => readonly string[];
}

/** Names that every shell and every filter takes as they are. */
const plain = /^[\w@+./-]+$/;
const longestList = 50_000;

/** By package: a path belongs to the innermost one that holds it. */
export function affectedBy({ base, since, paths }: ChangedPaths, packages: Packages): Affected {
  return { since: `${base} (${since.slice(0, 7)})`, touched: touchedBy(paths, packages) };
}

function touchedBy(paths: readonly string[], packages: Packages): Touched {
  if (paths.length === 0) return { kind: "nothing" };
  if (packages.directories.length === 0) return { kind: "everything", why: "the repository is one package" };
  const directories = new Set<string>();
  for (const path of paths) {
    const owner = packages.decidesForAll(path) ? undefined : ownerOf(path, packages.directories);
    if (owner === undefined) return { kind: "everything", why: `${path} is in no package` };
    directories.add(owner);
  }
  const odd = [...directories, ...paths].find((path) => !plain.test(path));
  if (odd !== undefined)
    return { kind: "everything", why: `${JSON.stringify(odd)} cannot be named in a filter` };
  if (paths.join(",").length > longestList)
    return { kind: "everything", why: `${String(paths.length)} files were changed` };
  const sorted = [...directories].sort();
  return { kind: "packages", directories: sorted, paths, crates: packages.dependentsOf(sorted) };
}

/** `.` holds all that no other package does. */
function ownerOf(path: string, directories: readonly string[]): string | undefined {
  const holds = (directory: string) => directory === "." || path.startsWith(`${directory}/`);
  return directories.filter(holds).sort((a, b) => depth(b) - depth(a))[0];
}

function depth(directory: string): number {
  return directory === "." ? 0 : directory.split("/").length;
}

/** One line for people. */
export function affectedText({ since, touched }: Affected): string {
  switch (touched.kind) {
    case "nothing":
      return `nothing has changed since ${since}`;
    case "everything":
      return `changed since ${since}: everything, as ${touched.why}`;
    case "packages": {
      const { directories, paths } = touched;
      const files = paths.length === 1 ? "1 file" : `${String(paths.length)} files`;
      return `changed since ${since}: ${files} in ${directories.map((name) => (name === "." ? "the root" : name)).join(", ")}`;
    }
  }
}
