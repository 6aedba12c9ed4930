import type { Clock } from "../../model/clock.ts";
import type { DependencyAnswer, DependencyProbe } from "../../model/dependency.ts";
import { exitCodes, FairwayError } from "../../model/errors.ts";
import type { DependencyCheck, Operation } from "../../model/plan.ts";
import type { OperationContext, OperationResult } from "../../model/target.ts";
import { dependencyTitle } from "./titles.ts";

/** Whatever a dependency needs to come up again: longer than a restart, shorter than anybody's patience. */
export const dependencyTimeoutSeconds = 30;

const attemptMs = 5_000;
const pauseMs = 1_000;

interface Asking extends Pick<OperationContext, "secrets" | "signal" | "report"> {
  readonly probe: DependencyProbe;
  readonly clock: Clock;
}

/**
 * Asks every dependency, all at once, each until it passes or its time is up.
 * @throws FairwayError DEPENDENCY_FAILED (exit 1), DEPENDENCY_UNKNOWN (exit 3) where one could not be looked at
 */
export async function checkDependencies(
  { checks, timeoutSeconds }: Extract<Operation, { kind: "check-dependencies" }>,
  asking: Asking,
): Promise<OperationResult> {
  const answers = await Promise.all(
    checks.map(async (check): Promise<Found> => ({
      check,
      answer: await untilItPasses(check, timeoutSeconds * 1000, asking),
    })),
  );
  const wrong = answers.filter(({ answer }) => answer.verdict !== "pass");
  if (wrong.length > 0) throw notThere(wrong, answers);
  return { observed: answers.map(lineOf).join("; ") };
}

interface Found {
  readonly check: DependencyCheck;
  readonly answer: DependencyAnswer;
}

async function untilItPasses(
  check: DependencyCheck,
  patienceMs: number,
  { probe, clock, secrets, signal, report }: Asking,
): Promise<DependencyAnswer> {
  const until = clock.now().getTime() + patienceMs;
  for (;;) {
    signal.throwIfAborted();
    const now = clock.now();
    const timeoutMs = Math.max(Math.min(attemptMs, until - now.getTime()), pauseMs);
    const answer = await probe(check, { secrets, now, timeoutMs, signal });
    const isOver = clock.now().getTime() + pauseMs >= until;
    if (answer.verdict === "pass" || answer.lasting === true || isOver) {
      report(lineOf({ check, answer }));
      return answer;
    }
    await clock.sleep(pauseMs, signal);
  }
}

function notThere(wrong: readonly Found[], all: readonly Found[]): FairwayError {
  const failed = wrong.some(({ answer }) => answer.verdict === "fail");
  return new FairwayError(
    failed
      ? `a dependency does not do what it has to: ${wrong.map(lineOf).join("; ")}`
      : `a dependency could not be looked at: ${wrong.map(lineOf).join("; ")}`,
    {
      code: failed ? "DEPENDENCY_FAILED" : "DEPENDENCY_UNKNOWN",
      exitCode: failed ? exitCodes.failed : exitCodes.held,
      output: all.map((found) => `${found.answer.verdict.padEnd(12)}  ${lineOf(found)}`).join("\n"),
      remedy:
        "Mend it, or what asks for it under `dependencies` of the environment; then repeat the command.\n" +
        "A plan that was made before, and its approvals, are used up by this start: make it again.",
    },
  );
}

/** `Redis at REDIS_URL: answered` */
function lineOf({ check, answer }: Found): string {
  return `${dependencyTitle(check)}: ${answer.says}`;
}
