import type { Client, Container, Directory } from "@dagger.io/dagger";
import type { ToolReport } from "../../model/finding.ts";
import type { TaskProgress } from "../../model/progress.ts";
import type { Project } from "../project.ts";

/** One thing that must hold before anything is built. */
export interface Check {
  /** Unique in a pipeline; what `--only` takes. */
  readonly name: string;
  /** Scripts of the root package.json that it runs, so that a missing one is told before anything starts. */
  readonly scripts?: readonly string[];
  /** True for a scanner: its step does not fail because of what it finds, so one that fails has found out nothing. */
  readonly scans?: boolean;
  run(context: CheckContext): Promise<Answer>;
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

type Answer = Container | CheckAnswer | ToolReport;

/**
 * A check of your own. Answer a container, which passes when its last step ends with 0; or findings, which the policy judges;
 * or the verdict itself.
 *
 * @example
 * const licenses = defineCheck("licenses", async ({ project, progress }) =>
 *   (await project.installed(progress)).withExec(["pnpm", "licenses", "list"]));
 */
export function defineCheck(name: string, run: (context: CheckContext) => Answer | Promise<Answer>): Check {
  return { name, run: async (context) => run(context) };
}
