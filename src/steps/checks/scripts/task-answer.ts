import type { Container } from "@dagger.io/dagger";
import { narrowed } from "../../affected/command.ts";
import type { CheckAnswer, CheckContext, StepAnswer } from "../check.ts";

/** A task's command for what was touched; all of it where that is not asked for, or cannot be told, which is said. */
export type TaskScope =
  | {
      readonly argv: readonly string[];
      /** `, for apps/api and what depends on it` */
      readonly about: string;
    }
  | { readonly nothing: CheckAnswer };

export async function taskAnswer(
  context: CheckContext,
  task: string,
  stepOf: (argv: readonly string[]) => Container | Promise<Container>,
): Promise<CheckAnswer | StepAnswer> {
  const scope = taskScope(context, task);
  if ("nothing" in scope) return scope.nothing;
  return { step: await stepOf(scope.argv), about: scope.about };
}

export function taskScope({ project, affected, progress }: CheckContext, task: string): TaskScope {
  const { manager, toolchain } = project;
  const argv = manager.run(task);
  if (affected === undefined || affected.touched.kind === "everything") return { argv, about: "" };
  if (affected.touched.kind === "nothing") {
    const summary = `not run: nothing has changed since ${affected.since}`;
    progress.outcome("skipped", summary);
    return { nothing: { verdict: "pass", summary } };
  }
  const command = narrowed(toolchain, manager, task, affected.touched);
  if ("whole" in command) return { argv, about: `, all of it: ${command.whole}` };
  const { crates, directories } = affected.touched;
  const about = crates.length > 0 ? crates.join(", ") : `${directories.join(", ")} and what depends on it`;
  return { argv: command.argv, about: `, for ${about}` };
}
