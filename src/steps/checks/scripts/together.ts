import type { Container } from "@dagger.io/dagger";
import { lastLines, outputOf, stepFailure } from "../../step-failure.ts";
import { type Toolchain, workspace } from "../../toolchains/toolchains.ts";
import type { Check, CheckAnswer, CheckContext } from "../check.ts";
import { inOwnWords } from "../own-words.ts";
import { taskStep } from "./task-step.ts";
import { type TurboCall, turboCall, type TurboFailure, turboFailures } from "./turbo.ts";

/**
 * Checks that are a task of Turborepo's each, and nothing more, are run by one call of it: it plans and starts once. Where that
 * fails, those that it names have failed, and each of the others is run by itself.
 * @param names of checks that wait for nothing, for which nothing waits, and by whose end alone they are judged
 */
export function together(
  checks: readonly Check[],
  names: ReadonlySet<string>,
  toolchain: Toolchain,
): readonly Check[] {
  const parts = checks.flatMap((check): Part[] => {
    const script = names.has(check.name) ? check.scripts?.[0] : undefined;
    const call = script === undefined ? undefined : turboCall(toolchain, script);
    return call === undefined ? [] : [{ check, call }];
  });
  const groups = [...Map.groupBy(parts, ({ call }) => call.flags.join(" ")).values()];
  const joined = new Map(groups.filter((group) => group.length > 1).flatMap(asOne));
  return checks.map((check) => joined.get(check) ?? check);
}

interface Part {
  readonly check: Check;
  readonly call: TurboCall;
}

/** How the call for all of them ended: the step that passed, or what it printed of each task that failed. */
type Ended = { readonly step: Container } | { readonly failures: ReadonlyMap<string, TurboFailure> };

function asOne(group: readonly Part[]): (readonly [Check, Check])[] {
  let ended: Promise<Ended> | undefined;
  return group.map((part) => {
    const { check, call } = part;
    const others = group.filter((other) => other !== part).map((other) => other.check.name);
    const run: Check["run"] = async (context) => {
      if ((context.affected?.touched.kind ?? "everything") !== "everything") return check.run(context);
      const end = await (ended ??= runAll(context, group));
      if ("step" in end) return { step: end.step, about: `, in one call with ${others.join(", ")}` };
      const failure = end.failures.get(call.task);
      if (failure === undefined || failure.output === "") return check.run(context);
      return failed(call.task, failure);
    };
    return [check, { ...check, run }];
  });
}

/** One line of a tool says nothing of the other packages. */
function failed(task: string, { packages, output }: TurboFailure): CheckAnswer {
  const many = packages.length > 1;
  const summary = `turbo run ${task} failed${many ? ` in ${packages.toSorted().join(", ")}` : ""}`;
  return {
    ...{ verdict: "fail", summary: many ? summary : inOwnWords(summary, output) },
    details: lastLines(output, 60),
  };
}

async function runAll({ project, progress }: CheckContext, group: readonly Part[]): Promise<Ended> {
  const tasks = group.map(({ call }) => call.task);
  const flags = group[0]?.call.flags ?? [];
  const installed = await project.installed(progress);
  // As `pnpm run` has it, without starting pnpm.
  const path = `${workspace}/node_modules/.bin:$PATH`;
  const withTools = installed.withEnvVariable("PATH", path, { expand: true });
  const argv = ["turbo", "run", ...tasks, ...flags, "--continue=dependencies-successful"];
  try {
    return { step: await taskStep(project, withTools, tasks.join(" "), argv).sync() };
  } catch (error) {
    const failed = stepFailure(error);
    if (failed === undefined) throw error;
    return { failures: turboFailures(outputOf(failed)) };
  }
}
