import { knownNames } from "../../config/config.ts";
import { usageError } from "../../model/errors.ts";
import { matcherText, type ExecMatcher, type ExecPattern } from "./matcher.ts";
import type { StepAnswer } from "./script.ts";

// Test runners do not check types: a name that is misspelled would be a matcher that fits all, or an answer that says nothing.
const ofPattern = Object.keys({
  ...{ argv: 1, exactly: 1, line: 1, image: 1, mounts: 1, env: 1, services: 1, place: 1 },
} satisfies Record<keyof ExecPattern, 1>);
const ofAnswer = Object.keys({
  ...{ stdout: 1, stderr: 1, exitCode: 1, files: 1, delayMs: 1 },
} satisfies Record<keyof StepAnswer, 1>);

/** @throws FairwayError MATCHER_WRONG (exit 2) where it says what no matcher has */
export function requireMatcher(matcher: ExecMatcher): void {
  if (typeof matcher === "string" || matcher instanceof RegExp || Array.isArray(matcher)) return;
  const wrong = unknownIn(matcher, ofPattern);
  if (wrong === undefined) return;
  throw usageError(`the matcher ${matcherText(matcher)}: ${wrong}`, {
    code: "MATCHER_WRONG",
  });
}

/** @throws FairwayError ANSWER_WRONG (exit 2) where it is none, or says what no answer has */
export function requireAnswer(answer: StepAnswer, matcher: ExecMatcher): StepAnswer {
  const wrong = unknownIn(answer, ofAnswer);
  if (wrong === undefined) return answer;
  throw usageError(`the answer to ${matcherText(matcher)}: ${wrong}`, { code: "ANSWER_WRONG" });
}

function unknownIn(value: unknown, known: readonly string[]): string | undefined {
  if (typeof value !== "object" || value === null)
    return `an object with some of ${known.join(", ")} is needed, not ${String(value)}`;
  const name = Object.keys(value).find((key) => !known.includes(key));
  return name === undefined ? undefined : `there is no ${name}; ${knownNames(name, known)}`;
}
