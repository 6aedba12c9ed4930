import type { Check } from "./check.ts";
import { taskStep } from "./task-step.ts";

/** A task of the repository: it passes when it ends with 0. */
export function scriptCheck(name: string, script: string): Check {
  return {
    name,
    scripts: [script],
    run: async ({ project, progress }) =>
      taskStep(project, await project.installed(progress), script, project.manager.run(script)),
  };
}
