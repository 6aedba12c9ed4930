import { failure, usageError } from "../../../model/errors.ts";
import type { Progress } from "../../../model/progress.ts";
import type { OperationContext, OperationResult } from "../../../model/target.ts";
import { withOperation } from "../../operation.ts";
import type { Project } from "../../project.ts";
import { withoutTask } from "../../toolchains/toolchains.ts";
import { lastLines, outputOf, stepFailure } from "../../step-failure.ts";

interface ReleaseScript extends Pick<OperationContext, "operationId" | "fencingToken" | "signal"> {
  /** Of the root package.json. */
  readonly script: string;
  readonly environment: string;
  /** Unique wherever a cache of steps reaches. */
  readonly runId: string;
  /** By service: where it serves. */
  readonly urls: Readonly<Record<string, string>>;
}

/**
 * Runs a script of the repository against what serves, each time anew.
 * @throws FairwayError SMOKE_FAILED (exit 1) with the script's own words, SCRIPT_MISSING (exit 2)
 */
export async function runReleaseScript(
  project: Project,
  { script, environment, runId, urls, signal, ...operation }: ReleaseScript,
  progress: Progress,
): Promise<OperationResult> {
  requireReleaseScripts(project, environment, [script]);
  const command = project.manager.run(script);
  const installed = await project.installed(progress);
  const addressed = Object.entries(urls).reduce(
    (container, [service, url]) => container.withEnvVariable(variableFor(service), url),
    installed,
  );
  try {
    await withOperation(addressed, operation)
      .withEnvVariable("FAIRWAY_OPERATION", runId)
      .withEnvVariable("FAIRWAY_ENVIRONMENT", environment)
      // A task runner has results of its own.
      .withEnvVariable("TURBO_FORCE", "true")
      .withEnvVariable("NX_SKIP_NX_CACHE", "true")
      .withExec([...command])
      .sync();
  } catch (error) {
    signal.throwIfAborted();
    const failed = stepFailure(error);
    if (failed === undefined) throw error;
    throw failure(`${script} failed against what serves in ${environment}`, {
      code: "SMOKE_FAILED",
      place: withoutTask(project.toolchain).place(script),
      output: lastLines(outputOf(failed) || "It printed nothing.", 60),
      remedy: `Alone, with the addresses that status prints:\n${[...Object.entries(urls).map(([service, url]) => `${variableFor(service)}=${url}`), ...command].join(" ")}`,
      cause: error,
    });
  }
  return { observed: `${script} passed` };
}

/** `FAIRWAY_URL_API`, and `FAIRWAY_URL_PUBLIC_WEB` for the service public-web. */
function variableFor(service: string): string {
  return `FAIRWAY_URL_${service.toUpperCase().replaceAll("-", "_")}`;
}

/** @throws FairwayError SCRIPT_MISSING (exit 2): what proves a release has to be there before the release */
export function requireReleaseScripts(
  { toolchain }: Pick<Project, "toolchain">,
  environment: string,
  scripts: readonly string[],
): void {
  const missing = scripts.filter((script) => !Object.hasOwn(toolchain.tasks, script));
  if (missing.length === 0) return;
  const without = withoutTask(toolchain);
  throw usageError(without.has(missing), {
    code: "SCRIPT_MISSING",
    place: `fairway.yaml environments.${environment}.smoke`,
    remedy: without.known,
  });
}
