import { exitCodes, isFairwayError } from "../../model/errors.ts";
import { engineRemedy, lastLines, outputOf, type StepFailure, stepFailure } from "../step-failure.ts";
import type { Check, CheckAnswer } from "./check.ts";
import { inOwnWords } from "./own-words.ts";

/**
 * What an error says of a check: that it failed, where its step did; else that it could not be run.
 * @param about what its summary says besides: `, for apps/api and what depends on it`
 * @throws the error itself, where the call cannot go on
 */
export function unanswered(error: unknown, check: Check, about: string): CheckAnswer {
  const failed = stepFailure(error);
  if (failed !== undefined) return failedStep(failed, check, about);
  if (isFairwayError(error) && error.exitCode !== exitCodes.failed) throw error;
  const remedy = isFairwayError(error) ? error.remedy : engineRemedy(error);
  const said = error instanceof Error ? error.message : String(error);
  // What an engine says ends in its remedy, which is told by itself.
  const message = remedy === undefined ? said : said.replace(`\n${remedy}`, "");
  const missing = remedy ?? "What is said above has to be settled first.";
  const details = isFairwayError(error) && error.output !== undefined ? { details: error.output } : {};
  return { verdict: "insufficient", summary: `could not be run: ${message}`, missing, ...details };
}

/** What a step that ended with another code than 0 says of its check. */
export function failedStep(failed: StepFailure, { scans = false }: Check, about: string): CheckAnswer {
  const summary = `its step ended with exit code ${String(failed.exitCode)}${about}`;
  const output = outputOf(failed);
  const details = lastLines(output || "It printed nothing.", 60);
  if (scans) return { verdict: "insufficient", summary: `could not be run: ${summary}`, missing: details };
  return { verdict: "fail", summary: inOwnWords(summary, output), details };
}
