import { isDeepStrictEqual } from "node:util";
import type { Container, ContainerWithExecOpts } from "@dagger.io/dagger";
import type { CheckContext } from "../check.ts";
import { isAlone, surrounded, type Surroundings } from "./surroundings.ts";
import { taskStep } from "./task-step.ts";

export interface ScriptSettings {
  /** Of the check. */
  readonly name: string;
  readonly script: string;
  /** A glob of the files in which it leaves its results; null where they are not read. */
  readonly results: string | null;
  /** How often it is run again where it fails. */
  readonly retries: number;
  readonly around: Surroundings;
}

export interface ScriptStep {
  /** Where it is run. */
  readonly container: Container;
  /** Runs it there, or where something was changed. */
  readonly step: (before: Container, options?: Pick<ContainerWithExecOpts, "expect">) => Container;
}

/** Where a script is run, and how; with a server or a browser a task runner remembers nothing, as it does not know of them. */
export async function scriptStep(
  context: CheckContext,
  { name, script, around }: ScriptSettings,
  argv: readonly string[],
): Promise<ScriptStep> {
  const { project } = context;
  const { container, command } = await surrounded(context, name, around);
  const remembers = isAlone(around);
  const isWhole = isDeepStrictEqual(argv, project.manager.run(script));
  return {
    container,
    step: (before, options) =>
      taskStep(project, before, script, command(argv), { ...options, remembers, isWhole }),
  };
}
