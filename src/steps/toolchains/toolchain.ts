/** How a repository is installed, and what may be run in it. */
export interface Toolchain {
  readonly manager: "pnpm" | "npm" | "yarn" | "cargo";
  /** The exact version to install; null for the one that comes with the image. */
  readonly version: string | null;
  readonly lockfile: string;
  /** Runs scripts of packages, and keeps their results; null where the repository has none. */
  readonly runner: "turborepo" | "nx" | null;
  /** What a check may name, with the command behind it: scripts of the root package.json, or the tasks that cargo has. */
  readonly tasks: Readonly<Record<string, string>>;
  /** Globs of the folders of packages beside the root's own, as the repository says them. */
  readonly workspaces: readonly string[];
  /** Tasks that the runner also runs for the root, which no filter by package chooses; `*` for all. */
  readonly rootTasks: readonly string[];
  /** `pnp`: yarn's packages are archives, which only programs that yarn starts can read. */
  readonly linker: "node-modules" | "pnp";
  /** Files that it was read from, the telling one first. */
  readonly readFrom: readonly string[];
}

export type NodeManager = Exclude<Toolchain["manager"], "cargo">;

/** What stands in the root of a repository. */
export interface RootFiles {
  /** Names of the entries; folders may end in a slash. */
  readonly names: readonly string[];
  /** The texts of those of `filesThatTell` that are there. */
  readonly texts: Readonly<Record<string, string>>;
}

export const filesThatTell = [
  "package.json",
  "pnpm-workspace.yaml",
  ".yarnrc.yml",
  "turbo.json",
  "turbo.jsonc",
] as const satisfies readonly string[];

/** How tasks are called in what people read: `package.json has no script unit`. */
export function withoutTask({ manager, tasks }: Pick<Toolchain, "manager" | "tasks">): {
  readonly has: (missing: readonly string[]) => string;
  readonly place: (task?: string) => string;
  readonly known: string;
} {
  const known = Object.keys(tasks);
  if (manager === "cargo")
    return {
      has: (missing) => `Fairway has no task ${missing.join(" and no task ")} for cargo`,
      place: () => "Cargo.toml",
      known: `There are: ${known.join(", ")}`,
    };
  return {
    has: (missing) => `package.json has no script ${missing.join(" and no script ")}`,
    place: (task) => (task === undefined ? "package.json scripts" : `package.json scripts.${task}`),
    known: known.length === 0 ? "It has no scripts." : `It has: ${known.join(", ")}`,
  };
}
