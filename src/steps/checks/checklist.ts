import type { Container } from "@dagger.io/dagger";
import type { Evidence } from "../../model/evidence.ts";
import { withoutTask } from "../toolchains/toolchains.ts";
import type { Check, CheckContext } from "./check.ts";
import { policyOf } from "./judgement/judgement.ts";
import { type RunContext, runEach } from "./run-each.ts";

interface ChecklistContext extends RunContext {
  readonly environment: string;
  /** In each script's environment: no other call's result is taken for this one's. */
  readonly operationId: string;
}

/** Runs scripts of the root package.json, all at once and each anew. One that cannot be run is insufficient. */
export function runChecklistScripts(
  items: readonly { readonly name: string; readonly script: string }[],
  context: ChecklistContext,
): Promise<Evidence[]> {
  const repeat = (name: string) => {
    const script = items.find((item) => item.name === name)?.script ?? name;
    return context.project.manager.run(script).join(" ");
  };
  return runEach(
    items.map((item) => checkOf(item, context)),
    { ...context, repeat },
    // Scripts answer no findings.
    policyOf(
      context.project.config.findings,
      { all: [] },
      { now: new Date(0), known: { since: () => null } },
    ),
  );
}

function checkOf({ name, script }: { name: string; script: string }, context: ChecklistContext): Check {
  return {
    name,
    run: async ({ project, progress }) => {
      if (!Object.hasOwn(project.toolchain.tasks, script)) {
        const without = withoutTask(project.toolchain);
        return { verdict: "insufficient", summary: without.has([script]), missing: without.known };
      }
      const installed = await installedOr({ project, progress });
      if (typeof installed === "string") {
        const summary = `the script ${script} could not be run: the install failed`;
        return { verdict: "insufficient", summary, missing: installed };
      }
      return (
        installed
          .withEnvVariable("FAIRWAY_OPERATION_ID", context.operationId)
          .withEnvVariable("FAIRWAY_ENVIRONMENT", context.environment)
          // A task runner has results of its own, also elsewhere.
          .withEnvVariable("TURBO_FORCE", "true")
          .withEnvVariable("NX_SKIP_NX_CACHE", "true")
          .withExec([...project.manager.run(script)])
      );
    },
  };
}

/** An install that fails says nothing of the script. */
async function installedOr({
  project,
  progress,
}: Pick<CheckContext, "project" | "progress">): Promise<Container | string> {
  try {
    return await project.installed(progress);
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}
