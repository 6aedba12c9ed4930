/** How a package manager does what Fairway's steps need; commands are argv. */
export interface PackageManager {
  /** Of Fairway's tool images, the one that it is run in. */
  readonly image: "node" | "rust";
  /** Makes the image's tools those that the repository names; no command where they are there. */
  readonly setup: readonly (readonly string[])[];
  /** Installs from the lockfile, and fails when it does not fit the manifests. */
  readonly install: readonly string[];
  /** Runs one of the tasks that checks may name. */
  readonly run: (task: string) => readonly string[];
  /**
   * Runs a program that the workspace depends on.
   * @throws FairwayError TOOLCHAIN_UNSUPPORTED (exit 2) where a workspace has no such programs
   */
  readonly exec: (command: readonly string[]) => readonly string[];
  /** Runs `node`, which finds the packages of the repository. */
  readonly node: readonly string[];
  /** Runs a lifecycle script in each package that has it; null where the manager knows no such script. */
  readonly lifecycle: (script: string) => readonly string[] | null;
  /** Where downloads are kept between runs, mounted from cache volumes: by directory. */
  readonly caches: Readonly<Record<string, string>>;
  readonly variables: Readonly<Record<string, string>>;
  /** Files that decide what is installed; null where the sources do too. */
  readonly manifests: readonly string[] | null;
  /** Files that an install writes besides node_modules, which are of the machine that it ran on. */
  readonly leftovers?: readonly string[];
}

export const anyNodeManager = ["package.json", "**/package.json", ".npmrc", "**/.npmrc", "**/*.tgz"];

/** With npm, at the version that package.json names; never corepack. */
export function installGlobally(name: string, version: string | null, ...flags: readonly string[]) {
  return version === null ? [] : [["npm", "install", "--global", ...flags, `${name}@${version}`]];
}
