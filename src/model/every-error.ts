import { exitCodes, type FairwayError, isFairwayError, usageError } from "./errors.ts";

/**
 * Tries all of them, and tells everything that is wrong with what was given in one error; a single one stays as it is.
 * @throws FairwayError (exit 2), or what is thrown for another reason
 */
export async function everyError(tries: readonly (() => unknown)[]): Promise<void> {
  const wrong = await errorsOf(tries);
  if (wrong.length > 0) throw inOne(wrong);
}

/**
 * What is wrong with what was given, each fault once, in the order of the tries.
 * @throws what is thrown for another reason, where nothing is wrong
 */
export async function errorsOf(tries: readonly (() => unknown)[]): Promise<readonly FairwayError[]> {
  const ends = await Promise.allSettled(tries.map(async (attempt) => attempt()));
  const thrown = new Set(ends.flatMap((end) => (end.status === "rejected" ? [end.reason as unknown] : [])));
  const wrong = [...thrown].filter(isFairwayError).filter(({ exitCode }) => exitCode === exitCodes.usage);
  if (wrong.length === 0) for (const other of thrown) throw other as Error;
  return wrong;
}

function inOne(errors: readonly FairwayError[]): FairwayError {
  const [first] = errors;
  if (first !== undefined && errors.length === 1) return first;
  return usageError(`nothing was run: ${String(errors.length)} kinds of errors`, {
    code: "SEVERAL_ERRORS",
    output: errors.map(errorText).join("\n\n"),
  });
}

/** The place and what is wrong there; below it all of its parts, and what to do. */
export function errorText({ place, message, output, remedy }: FairwayError): string {
  const more = [output, remedy].flatMap((text) => text?.trimEnd().split("\n") ?? []);
  const first = place === undefined || message.startsWith(place) ? message : `${place}: ${message}`;
  return [first, ...more.map((line) => `  ${line}`)].join("\n");
}
