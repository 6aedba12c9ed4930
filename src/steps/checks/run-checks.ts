import type { Container } from "@dagger.io/dagger";
import type { Config } from "../../config/config.ts";
import { isFairwayError, exitCodes, usageError } from "../../model/errors.ts";
import type { FindingPolicy } from "../../findings/findings.ts";
import type { Evidence } from "../../model/evidence.ts";
import type { Progress, TaskProgress } from "../../model/progress.ts";
import type { Project } from "../project.ts";
import { scanCheck } from "../scanners/scanners.ts";
import { engineRemedy, lastLines, outputOf, stepFailure } from "../step-failure.ts";
import { stopwatch, type Passed, type Stopwatch } from "../stopwatch.ts";
import type { Check, CheckAnswer } from "./check.ts";
import { judged, type Judged, policyOf, suppressionEvidence, suppressionsOf } from "./findings.ts";
import { type Toolchain, withoutTask } from "../toolchains/toolchains.ts";
import { integrationCheck } from "./integration.ts";
import { type ChecksMemory, forgetful } from "./memory.ts";
import { scriptCheck } from "./script.ts";

export interface RunChecksContext {
  readonly project: Project;
  readonly progress: Progress;
  /** For suppressions and deadlines, which end. */
  readonly now: Date;
  /** What checks before these left. @default nothing: then what has a deadline is insufficient */
  readonly memory?: ChecksMemory;
  /** How Fairway is called, for texts that say what to type: `npx fairway`. */
  readonly command: string;
  /** Checks of the team's own, after those of the config. */
  readonly custom?: readonly Check[];
  /** The command that repeats one of them alone. @default `check --only <name>` */
  readonly repeat?: (name: string) => string;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Runs checks, all at once: one that fails does not stop the others. They share one install.
 * @param names which; all of them when empty.
 * @throws FairwayError for what keeps all of them from being run: an unknown name or script (exit 2), a failed install.
 */
export async function runChecks(
  context: RunChecksContext,
  names: readonly string[] = [],
): Promise<Evidence[]> {
  const checks = chosen([...checksOf(context.project.config), ...(context.custom ?? [])], names);
  refuseMissingTasks(checks, context.project.toolchain);
  const suppressions = await suppressionsOf(context.project);
  if (checks.some((check) => check.scripts !== undefined)) await context.project.installed(context.progress);
  const { now, memory = forgetful(unremembered) } = context;
  const policy = policyOf(context.project, suppressions, { now, known: memory.known });
  const evidence = await runEach(checks, context, policy);
  const complete = names.length === 0 && checks.every((check, at) => foundAll(check, evidence[at]));
  const repeat = `${context.command} check`;
  return [
    ...evidence,
    ...suppressionEvidence(suppressions, evidence, { now, complete, repeat }),
    ...(await memory.keep({ evidence, complete })),
  ];
}

const unremembered = { why: "nothing is remembered here", remedy: "Run the checks with `fairway check`." };

/** False where something may be there that nobody saw. */
function foundAll({ scans = false }: Check, evidence: Evidence | undefined): boolean {
  return evidence?.verdict !== "insufficient" && (!scans || evidence?.findings !== undefined);
}

/** All of them at once, and to their ends. */
export async function runEach(
  checks: readonly Check[],
  context: Omit<RunChecksContext, "now">,
  policy: FindingPolicy,
): Promise<Evidence[]> {
  const ends = await Promise.allSettled(checks.map((check) => runCheck(check, context, policy)));
  return ends.map((end) => {
    if (end.status === "rejected") throw end.reason;
    return end.value;
  });
}

/** The checks that a config lists. */
function checksOf(config: Config): Check[] {
  return config.checks.map((check) => {
    if (check.kind === "script") return scriptCheck(check.name, check.script);
    if (check.kind === "scan") return scanCheck(check.name, check.scanner);
    if (config.database === null) throw new Error("integration without a database");
    return integrationCheck({ ...check, database: config.database });
  });
}

function runCheck(
  check: Check,
  context: Omit<RunChecksContext, "now">,
  policy: FindingPolicy,
): Promise<Evidence> {
  return context.progress.task(check.name, async (progress) => {
    const watch = stopwatch();
    const answer = await answerOf(check, context, policy, progress, watch);
    const { durationMs = watch.durationMs(), ...cached } = answer.measured ?? {};
    const { name } = check;
    const { summary, findings } = answer;
    const base = { name, summary, durationMs, ...(findings === undefined ? {} : { findings }) };
    switch (answer.verdict) {
      case "pass":
        return { ...base, verdict: "pass", ...cached, ...detailsOf(answer) };
      case "fail":
        progress.outcome("failed", answer.summary);
        return {
          ...base,
          verdict: "fail",
          details: answer.details,
          repeat: context.repeat?.(check.name) ?? `${context.command} check --only ${check.name}`,
        };
      case "insufficient":
        progress.outcome("held", answer.summary);
        return { ...base, verdict: "insufficient", missing: answer.missing, ...detailsOf(answer) };
    }
  });
}

async function answerOf(
  check: Check,
  context: Omit<RunChecksContext, "now">,
  policy: FindingPolicy,
  progress: TaskProgress,
  watch: Stopwatch,
): Promise<(CheckAnswer & Partial<Judged>) & { readonly measured?: Passed }> {
  const { project } = context;
  try {
    const answer = await check.run({ dag: project.client, source: project.source, project, progress });
    if ("findings" in answer) return await judged(answer, project.source, policy);
    if (!isContainer(answer)) return answer;
    const measured = await watch.passed(answer, progress);
    const summary = measured.cached ? "passed before, nothing changed" : "passed";
    return { verdict: "pass", summary, measured };
  } catch (error) {
    // Whatever the engine says about a call that the user stopped is no finding of the check.
    context.signal?.throwIfAborted();
    const failed = stepFailure(error);
    if (failed !== undefined) {
      const summary = `its step ended with exit code ${String(failed.exitCode)}`;
      const details = lastLines(outputOf(failed) || "It printed nothing.", 60);
      if (check.scans !== true) return { verdict: "fail", summary, details };
      return { verdict: "insufficient", summary: `could not be run: ${summary}`, missing: details };
    }
    if (isFairwayError(error) && error.exitCode !== exitCodes.failed) throw error;
    const message = error instanceof Error ? error.message : String(error);
    const remedy = isFairwayError(error) ? error.remedy : engineRemedy(error);
    const missing = remedy ?? "What is said above has to be settled first.";
    return { verdict: "insufficient", summary: `could not be run: ${message}`, missing };
  }
}

function detailsOf({ details }: { readonly details?: string }): { details?: string } {
  return details === undefined ? {} : { details };
}

function chosen(checks: readonly Check[], names: readonly string[]): readonly Check[] {
  const known = checks.map((check) => check.name);
  const unknown = names.filter((name) => !known.includes(name));
  if (unknown.length > 0) {
    throw usageError(`there is no check ${unknown.join(", ")}`, {
      code: "CHECK_UNKNOWN",
      place: "--only",
      remedy: known.length === 0 ? "fairway.yaml lists no checks." : `Known: ${known.join(", ")}`,
    });
  }
  return names.length === 0 ? checks : checks.filter((check) => names.includes(check.name));
}

function refuseMissingTasks(checks: readonly Check[], toolchain: Toolchain): void {
  const missing = checks.flatMap((check) =>
    (check.scripts ?? [])
      .filter((task) => !Object.hasOwn(toolchain.tasks, task))
      .map((task) => ({ check, task })),
  );
  if (missing.length === 0) return;
  const without = withoutTask(toolchain);
  const wanted = missing.map(({ check, task }) => `the check ${check.name} runs ${task}`).join(", and ");
  throw usageError(`${wanted}: ${without.has(missing.map(({ task }) => task))}`, {
    code: "SCRIPT_MISSING",
    place: without.place(),
    remedy: without.known,
  });
}

function isContainer(answer: Container | CheckAnswer): answer is Container {
  return "withExec" in answer;
}
