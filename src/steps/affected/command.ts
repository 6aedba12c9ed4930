import type { PackageManager, Toolchain } from "../toolchains/toolchains.ts";
import type { Touched } from "./affected.ts";

type Packages = Extract<Touched, { kind: "packages" }>;

/** A command for what was touched and what depends on it; or, where it cannot be told so, why all of it is run. */
export type Narrowed = { readonly argv: readonly string[] } | { readonly whole: string };

/**
 * A task, for some packages only: by the filter of the task runner or of the package manager that its script calls.
 * A script is only narrowed where nothing else is in it that the filter would miss.
 */
export function narrowed(
  toolchain: Toolchain,
  manager: PackageManager,
  task: string,
  packages: Packages,
): Narrowed {
  if (toolchain.manager === "cargo") return { argv: ofCrates(manager.run(task), packages.crates) };
  const script = toolchain.tasks[task] ?? "";
  if (!/^[\w@+./:=, -]+$/.test(script.trim())) return { whole: `\`${task}\` is more than one plain command` };
  if (Object.hasOwn(toolchain.tasks, `pre${task}`) || Object.hasOwn(toolchain.tasks, `post${task}`))
    return { whole: `\`${task}\` has scripts before or after it` };
  const words = script.trim().split(/\s+/);
  if (words.some(choosesItself)) return { whole: `\`${task}\` chooses its packages itself` };
  const [program, ...rest] = words;
  if (toolchain.rootTasks.some((name) => name === "*" || rest.includes(name)) || rest.some(takesRootAlong))
    return { whole: `\`${task}\` is also run for the root` };
  if (program === "turbo") return byTurbo(rest, manager.run(task), toolchain.manager, packages);
  if (program === "nx") return byNx(rest, manager, packages);
  if (program === "pnpm" && rest.some((word) => ["-r", "--recursive", "recursive"].includes(word)))
    return {
      argv: [
        "pnpm",
        ...packages.directories.flatMap((directory) => ["--filter", `...{./${directory}}`]),
        ...["--fail-if-no-match", "--if-present"],
        ...rest.filter((word) => word !== "--if-present"),
      ],
    };
  if (rest.some((word) => /^(--workspaces|-ws|workspaces)$/.test(word)))
    return { whole: `${String(program)} cannot choose packages by what they depend on` };
  return { whole: `\`${task}\` calls no task runner` };
}

/** What it chooses may be less than what was touched, and arguments after `--` are another program's. */
function choosesItself(word: string): boolean {
  return /^(--|--filter(=.*)?|-F|--affected|--scope(=.*)?|--since(=.*)?|-p|--projects?(=.*)?|--exclude(=.*)?|--base(=.*)?|--head(=.*)?|--files(=.*)?)$/.test(
    word,
  );
}

function takesRootAlong(word: string): boolean {
  return ["--include-workspace-root", "--workspace-root", "-w"].includes(word);
}

function byTurbo(
  [first = "", ...more]: readonly string[],
  run: readonly string[],
  manager: Toolchain["manager"],
  { directories }: Packages,
): Narrowed {
  if (first !== "run" || more.length === 0) return { whole: "only `turbo run <task>` takes a filter" };
  const filters = directories.map((directory) => `--filter=...{./${directory}}`);
  return { argv: [...run, ...(manager === "npm" ? ["--"] : []), ...filters] };
}

/** Nx knows by itself which projects depend on a file. */
function byNx(
  [first = "", ...more]: readonly string[],
  { exec }: PackageManager,
  { paths }: Packages,
): Narrowed {
  if (first !== "run-many" && first !== "affected")
    return { whole: "only `nx run-many` and `nx affected` take files" };
  const words = more.filter((word) => word !== "--all");
  return { argv: exec(["nx", "affected", ...words, `--files=${paths.join(",")}`]) };
}

/** `cargo test -p tides -p gauges --locked` */
function ofCrates(argv: readonly string[], crates: readonly string[]): readonly string[] {
  return argv.flatMap((word) =>
    word === "--workspace" || word === "--all" ? crates.flatMap((name) => ["-p", name]) : [word],
  );
}
