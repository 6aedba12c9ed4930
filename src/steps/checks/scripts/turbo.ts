import type { Toolchain } from "../../toolchains/toolchains.ts";

/** `turbo run lint --concurrency=4` */
export interface TurboCall {
  readonly task: string;
  readonly flags: readonly string[];
}

/** What a script calls, where it is one plain call of one task; undefined for everything else. */
export function turboCall({ runner, linker, tasks }: Toolchain, script: string): TurboCall | undefined {
  if (runner !== "turborepo" || linker !== "node-modules") return undefined;
  const surrounded = Object.hasOwn(tasks, `pre${script}`) || Object.hasOwn(tasks, `post${script}`);
  const words = (tasks[script] ?? "").trim().split(/\s+/);
  if (surrounded || !words.every((word) => /^[\w@+./:=,-]+$/.test(word))) return undefined;
  const [program, run, task = "", ...flags] = words;
  const isOne = program === "turbo" && run === "run" && /^\w[\w:.-]*$/.test(task);
  // A flag with its value in a word of its own could as well be another task; `--` is for the task's own program.
  const areFlags = flags.every((flag) => /^--[\w-]+(=.*)?$/.test(flag) && !/^--continue\b/.test(flag));
  return isOne && areFlags ? { task, flags } : undefined;
}

export interface TurboFailure {
  /** In which the task failed. */
  readonly packages: readonly string[];
  /** What it printed there. */
  readonly output: string;
}

/** The tasks that failed, by name; empty where turbo did not come to say which. */
export function turboFailures(output: string): ReadonlyMap<string, TurboFailure> {
  const lines = output.split("\n");
  const named = lines.findLast((line) => /^\s*Failed:\s/.test(line))?.replace(/^\s*Failed:\s+/, "") ?? "";
  const failed = named.split(", ").map((name) => name.trim().split("#"));
  const failures = new Map<string, TurboFailure>();
  for (const [name, task] of failed) {
    if (name === undefined || task === undefined) continue;
    const own = lines.filter(
      (line) => line.startsWith(`${name}:${task}: `) || line.startsWith(`${name}#${task}: `),
    );
    const { packages = [], output: before } = failures.get(task) ?? {};
    const said = [...(before === undefined ? [] : [before]), ...own].join("\n");
    failures.set(task, { packages: [...packages, name], output: said });
  }
  return failures;
}
