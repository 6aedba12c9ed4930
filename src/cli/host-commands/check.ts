import { exitCodes } from "../../model/errors.ts";
import type { HostCommandCall } from "../commands/invocation.ts";
import { outcomeOf, type Outcome } from "../outcome/outcome.ts";
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
    const { message, place, output, remedy } =
      end?.status === "rejected" ? outcomeOf(end.reason) : ({} as Partial<Outcome>);
    const told = {
      error: message ?? null,
      place: place ?? null,
      output: output ?? null,
      remedy: remedy ?? null,
    };
    return { name, passed: end?.status === "fulfilled", ...told };
  });
  if (call.options.json) terminal.out(`${JSON.stringify(results, null, 2)}\n`);
  else for (const result of results) terminal.out(shown(result));
  return results.every(({ passed }) => passed) ? exitCodes.done : exitCodes.failed;
}

interface CheckResult {
  readonly name: string;
  readonly passed: boolean;
  readonly error: string | null;
  readonly place: string | null;
  readonly output: string | null;
  readonly remedy: string | null;
}

/** Of one that failed all that is known: nobody is to run it again to see why. */
function shown({ name, passed, error, place, output, remedy }: CheckResult): string {
  const lines = [
    `${passed ? "✓" : "✗"} ${name}${error === null ? "" : `  ${error}`}`,
    ...(place === null ? [] : [`  at ${place}`]),
    ...(output === null
      ? []
      : output
          .trimEnd()
          .split("\n")
          .map((line) => `  │ ${line}`)),
    ...(remedy === null
      ? []
      : remedy
          .trimEnd()
          .split("\n")
          .map((line) => `  ${line}`)),
  ];
  return `${lines.join("\n")}\n`;
}
