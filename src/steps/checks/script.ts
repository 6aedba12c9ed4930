import type { Check } from "./check.ts";
import { taskAnswer } from "./task-answer.ts";
import { taskStep } from "./task-step.ts";
import { type TestedScript, testedScript } from "./tested-script.ts";

/** A task of the repository: it passes when it ends with 0, or as the results of its tests say. */
export function scriptCheck(settings: TestedScript): Check {
  const { name, script, results, retries } = settings;
  if (results !== null || retries > 0) return testedScript(settings);
  return {
    name,
    scripts: [script],
    run: (context) =>
      taskAnswer(context, script, async (argv) => {
        const { project, progress } = context;
        return taskStep(project, await project.installed(progress), script, argv);
      }),
  };
}
