import type { Client, Container, Directory } from "@dagger.io/dagger";
import type { ToolReport } from "../../model/finding.ts";
import type { TaskProgress } from "../../model/progress.ts";
import { isFairwayError } from "../../model/errors.ts";
import { visible, visibleLines } from "../../model/visible.ts";
import type { Affected } from "../affected/affected.ts";
import { stepFailure } from "../step-failure.ts";
import type { Project } from "../project.ts";
import { requireAnswer } from "./team-answer.ts";
import type { TestedRun } from "./scripts/scripts.ts";

/** One thing that must hold before anything is built. */
export interface Check {
  /** Unique in a pipeline; what `--only` takes. */
  readonly name: string;
  /** Names of checks that must pass before it is run. */
  readonly needs?: readonly string[];
  /** Minutes after which it is not waited for any longer. @default 60 */
  readonly timeoutMinutes?: number;
  /** Tasks of the repository that it runs, so that a missing one is told before anything starts. */
  readonly scripts?: readonly string[];
  /** True where what the others share is not enough for its scripts. */
  readonly installsItself?: boolean;
  /** True for a scanner: its step does not fail because of what it finds, so one that fails has found out nothing. */
  readonly scans?: boolean;
  run(context: CheckContext): Promise<OwnAnswer>;
}

export interface CheckContext {
  readonly dag: Client;
  /** The repository without .git. */
  readonly source: Directory;
  readonly project: Project;
  readonly progress: TaskProgress;
  /** With `--affected`: what was touched. A check of your own sees all of the source, and may look at less of it. */
  readonly affected?: Affected | undefined;
}

/** A container that decides, and what its summary says besides: `passed, for apps/api and what depends on it`. */
export interface StepAnswer {
  readonly step: Container;
  readonly about: string;
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

type Answer = Container | CheckAnswer | StepAnswer | ToolReport;

/** Of Fairway's own checks some are judged by the results of their tests. */
type OwnAnswer = Answer | TestedRun;

export interface CheckOptions {
  /** Names of checks that must pass before it is run; where one did not, it is not run, and says so. */
  readonly needs?: readonly string[];
  /** Minutes after which it is not waited for any longer, and so not settled. @default 60 */
  readonly timeoutMinutes?: number;
}

/**
 * A check of your own. Answer a container, which passes when its last step ends with 0; findings, which the policy judges;
 * the verdict itself; or a text, which passes with its first line as the summary. An error that it throws is a failure, with its message.
 *
 * @example
 * const licenses = defineCheck("licenses", async ({ project, progress }) =>
 *   (await project.installed(progress)).withExec(["pnpm", "licenses", "list"]));
 */
export function defineCheck(
  name: string,
  run: (context: CheckContext) => Answer | string | Promise<Answer | string>,
  options: CheckOptions = {},
): Check {
  return {
    name,
    ...options,
    run: async (context) => {
      try {
        const answer = await run(context);
        return typeof answer === "string" ? passedWith(answer) : requireAnswer(name, answer);
      } catch (error) {
        if (!isOfTheCheck(error)) throw error;
        return failedWith(error);
      }
    },
  };
}

function passedWith(text: string): CheckAnswer {
  const [first = "", ...rest] = text.trim().split("\n");
  const details = visibleLines(rest.join("\n")).trim();
  const summary = visible(first) || "passed";
  return { verdict: "pass", summary, ...(details === "" ? {} : { details }) };
}

/** A TypeError and its like say nothing without their place. */
function failedWith({ name, message, stack }: Error): CheckAnswer {
  const [first = ""] = message.trim().split("\n");
  const details = visibleLines(name === "Error" ? message.trim() : (stack ?? message));
  return {
    verdict: "fail",
    summary: visible(first) || `it threw ${visible(name)}`,
    details: details || name,
  };
}

/** And not Fairway's, a step's, the engine's, or the end of a call that was stopped. */
function isOfTheCheck(error: unknown): error is Error {
  if (!(error instanceof Error) || isFairwayError(error) || error.name === "AbortError") return false;
  const { code, extensions } = error as { code?: unknown; extensions?: unknown };
  const isEngines = (typeof code === "string" && /^D\d+$/.test(code)) || extensions !== undefined;
  return !isEngines && stepFailure(error) === undefined;
}
