import type { Check } from "../check.ts";
import { type ScriptSettings, scriptStep } from "./script-step.ts";
import { taskAnswer } from "./task-answer.ts";
import { testedScript } from "./tested-script.ts";

/** A task of the repository: it passes when it ends with 0, or as the results of its tests say. */
export function scriptCheck(settings: ScriptSettings): Check {
  const { name, script, results, retries, around } = settings;
  const base = { name, scripts: [script], ...(around.browser ? { installsItself: true } : {}) };
  if (results !== null || retries > 0) return { ...base, run: testedScript(settings) };
  return {
    ...base,
    run: (context) =>
      taskAnswer(context, script, async (argv) => {
        const { container, step } = await scriptStep(context, settings, argv);
        return step(container);
      }),
  };
}
