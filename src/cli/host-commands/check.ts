import { exitCodes } from "../../model/errors.ts";
import type { HostCommandCall } from "../commands/invocation.ts";
import { outcomeOf } from "../outcome/outcome.ts";
import { watched } from "../run/watched.ts";
import type { HostCommandContext } from "./host-commands.ts";
import { callOf, chosen, listMarked, markedFunctions } from "./marked.ts";

/**
 * `fairway check`, for a module without a function of that name: its functions with @check, side by side; one that
 * fails does not stop the others. `-l` lists them, also where the module has such a function.
 */
export async function runChecks(call: HostCommandCall, context: HostCommandContext): Promise<number> {
  const { terminal } = context;
  const module = await context.module();
  const all = markedFunctions(module, ({ isCheck }) => isCheck);
  const checks = chosen(all, (call.values["check"] ?? []) as readonly string[], "check");
  const [first] = checks;
  if (call.values["list"] === true || first === undefined) {
    listMarked(checks, call.options.json, terminal);
    return 0;
  }
  const ends = await watched(callOf(first, call), { ...context, module }, (perform) =>
    Promise.allSettled(checks.map(async (check) => perform(callOf(check, call)))),
  );
  if (typeof ends === "number") return ends;
  const results = checks.map(({ name }, index) => {
    const end = ends[index];
    const error = end?.status === "rejected" ? outcomeOf(end.reason).message : null;
    return { name, passed: end?.status === "fulfilled", error };
  });
  if (call.options.json) terminal.out(`${JSON.stringify(results, null, 2)}\n`);
  else
    for (const { name, passed, error } of results)
      terminal.out(`${passed ? "✓" : "✗"} ${name}${error === null ? "" : `  ${error}`}\n`);
  return results.every(({ passed }) => passed) ? exitCodes.done : exitCodes.failed;
}
