import type { Client, Container, Directory } from "@dagger.io/dagger";
import type { TaskProgress } from "../../model/progress.ts";
import type { Project } from "../project.ts";

/** One thing that must hold before anything is built. */
export interface Check {
  /** Unique in a pipeline; what `--only` takes. */
  readonly name: string;
  /** Scripts of the root package.json that it runs, so that a missing one is told before anything starts. */
  readonly scripts?: readonly string[];
  run(context: CheckContext): Promise<Container | CheckAnswer>;
}

export interface CheckContext {
  readonly dag: Client;
  /** The repository without .git. */
  readonly source: Directory;
  readonly project: Project;
  readonly progress: TaskProgress;
}

/** What a check found out, where the end of a container's last step does not say it. */
export type CheckAnswer =
  | { readonly verdict: "pass"; readonly summary: string; readonly details?: string }
  | { readonly verdict: "fail"; readonly summary: string; readonly details: string }
  | {
      readonly verdict: "insufficient";
      readonly summary: string;
      readonly missing: string;
      readonly details?: string;
    };

/**
 * A check of your own. Answer a container, which passes when its last step ends with 0, or say what you found.
 *
 * @example
 * const licenses = defineCheck("licenses", async ({ project, progress }) =>
 *   (await project.installed(progress)).withExec(["pnpm", "licenses", "list"]));
 */
export function defineCheck(
  name: string,
  run: (context: CheckContext) => Container | CheckAnswer | Promise<Container | CheckAnswer>,
): Check {
  return { name, run: async (context) => run(context) };
}
