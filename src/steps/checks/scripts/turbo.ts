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

/** What turbo printed of each task that failed, by the task's name; empty where it did not come to say which. */
export function turboFailures(output: string): ReadonlyMap<string, string> {
  const lines = output.split("\n");
  const named = lines.findLast((line) => /^\s*Failed:\s/.test(line))?.replace(/^\s*Failed:\s+/, "") ?? "";
  const failed = named.split(", ").map((name) => name.trim().split("#"));
  const printed = new Map<string, string>();
  for (const [name, task] of failed) {
    if (name === undefined || task === undefined) continue;
    const own = lines.filter(
      (line) => line.startsWith(`${name}:${task}: `) || line.startsWith(`${name}#${task}: `),
    );
    printed.set(task, [...(printed.has(task) ? [printed.get(task)] : []), ...own].join("\n"));
  }
  return printed;
}
