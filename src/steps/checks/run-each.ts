import type { Container } from "@dagger.io/dagger";
import type { FindingPolicy } from "../../findings/findings.ts";
import type { Evidence } from "../../model/evidence.ts";
import type { Progress, TaskProgress } from "../../model/progress.ts";
import type { Affected } from "../affected/affected.ts";
import type { Project } from "../project.ts";
import { stopwatch, type Passed, type Stopwatch } from "../stopwatch.ts";
import type { Check, CheckAnswer, StepAnswer } from "./check.ts";
import { inOrder } from "./in-order.ts";
import {
  type Base,
  judged,
  type Judged,
  judgedTests,
  type JudgedTestRun,
  oldFindings,
} from "./judgement/judgement.ts";
import { type ChecksMemory, remembersNothing } from "./memory.ts";
import { badEndOf } from "./team-step.ts";
import { inTime, stopped } from "./time-limit.ts";
import { failedStep, unanswered } from "./unanswered.ts";

export interface RunContext {
  readonly project: Project;
  readonly progress: Progress;
  /** How Fairway is called, for texts that say what to type: `npx fairway`. */
  readonly command: string;
  /** The command that repeats one of them alone. @default `check --only <name>` */
  readonly repeat?: (name: string) => string;
  /** What was touched, where only that is to be checked. */
  readonly affected?: Affected | undefined;
  readonly signal?: AbortSignal | undefined;
  /** What checks before these left. @default nothing: what has a deadline is insufficient, and no test is in quarantine */
  readonly memory?: ChecksMemory;
  /** Where only what a change adds counts: what it was made from. */
  readonly base?: Base | undefined;
}

/** All of them at once, but for those that need others; and to their ends. */
export function runEach(
  checks: readonly Check[],
  context: RunContext,
  policy: FindingPolicy,
): Promise<Evidence[]> {
  return inOrder<Evidence>(checks, (check, needed) => {
    const open = needed.filter(({ verdict }) => verdict !== "pass");
    return open.length === 0 ? runCheck(check, context, policy) : notRun(check, open, context);
  });
}

/** Nobody knows what it would have found. */
function notRun({ name }: Check, open: readonly Evidence[], { progress }: RunContext): Promise<Evidence> {
  const why = open
    .map((one) => `${one.name} ${one.verdict === "fail" ? "failed" : "did not pass"}`)
    .join(", ");
  return progress.task(name, (task) => {
    const summary = `not run: ${why}`;
    task.outcome("skipped", summary);
    const missing = `what it needs has to pass first: ${open.map((one) => one.name).join(", ")}`;
    return Promise.resolve({ name, verdict: "insufficient", summary, missing, durationMs: 0 });
  });
}

function runCheck(check: Check, context: RunContext, policy: FindingPolicy): Promise<Evidence> {
  const { name, needs = [] } = check;
  const title = needs.length === 0 ? name : `${name} (after ${needs.join(", ")})`;
  return context.progress.task(title, async (progress) => {
    const watch = stopwatch();
    const work = answerOf(check, context, policy, progress, watch);
    const answer: Answered = await inTime(check, context.signal, work);
    const { durationMs = watch.durationMs(), ...cached } = answer.measured ?? {};
    const { summary, findings, tests } = answer;
    const base = {
      ...{ name, summary, durationMs },
      ...(findings === undefined ? {} : { findings }),
      ...(tests === undefined ? {} : { tests }),
    };
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

type Answered = CheckAnswer &
  Partial<Pick<Judged, "findings"> & Pick<JudgedTestRun, "tests">> & { readonly measured?: Passed };

async function answerOf(
  check: Check,
  context: RunContext,
  policy: FindingPolicy,
  progress: TaskProgress,
  watch: Stopwatch,
): Promise<Answered> {
  const { project, memory = remembersNothing } = context;
  let about = "";
  try {
    const { client: dag, source } = project;
    const answer = await check.run({ dag, source, project, progress, affected: context.affected });
    if ("findings" in answer) {
      const { base, signal } = context;
      const old = base === undefined ? undefined : oldFindings(check, base, progress, signal);
      return await judged(answer, source, policy, old);
    }
    if ("attempts" in answer) {
      const judgement = await judgedTests(check.name, answer, { project, memory });
      if (!answer.cached) return judgement;
      progress.outcome("cached");
      return { ...judgement, measured: { durationMs: 0, cached: true } };
    }
    if (!isContainer(answer) && !("step" in answer)) return answer;
    const step = isContainer(answer) ? answer : answer.step;
    about = isContainer(answer) ? "" : answer.about;
    const measured = await watch.passed(step, progress);
    const badEnd = isContainer(answer) ? await badEndOf(step) : undefined;
    if (badEnd !== undefined) return failedStep(badEnd, check, about);
    const summary = `${measured.cached ? "passed before, nothing changed" : "passed"}${about}`;
    return { verdict: "pass", summary, measured };
  } catch (error) {
    // Whatever the engine says about a call that the user stopped is no finding of the check.
    if (context.signal?.aborted === true) return stopped;
    return unanswered(error, check, about);
  }
}

function detailsOf({ details }: { readonly details?: string }): { details?: string } {
  return details === undefined ? {} : { details };
}

function isContainer(answer: Container | CheckAnswer | StepAnswer): answer is Container {
  return "withExec" in answer;
}
