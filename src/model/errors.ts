/** What a command's end means; the numbers are exit codes and part of the public contract. */
export const exitCodes = {
  done: 0,
  failed: 1,
  usage: 2,
  held: 3,
  rolledBack: 4,
  interrupted: 5,
} as const;

export type ExitCode = (typeof exitCodes)[keyof typeof exitCodes];

export interface FairwayErrorDetails {
  /** A permanent, documented name such as `PLAN_STALE`. */
  readonly code: string;
  readonly exitCode: ExitCode;
  /** Where the fault is: `fairway.yaml:12:5 environments.staging.target`, `apps/api/Dockerfile:7`. */
  readonly place?: string | undefined;
  /** What to do about it; the last line is a command to type, where there is one. */
  readonly remedy?: string | undefined;
  /** The output of what failed (a step's own words), already free of secrets. */
  readonly output?: string | undefined;
  /** What the function answers all the same: a report of what was found. It is printed where answers are. */
  readonly answer?: string | undefined;
  readonly cause?: unknown;
}

/** The one error that Fairway raises for what its user can act on. Anything else is a fault of ours. */
export class FairwayError extends Error {
  override readonly name = "FairwayError";
  readonly code: string;
  readonly exitCode: ExitCode;
  readonly place: string | undefined;
  readonly remedy: string | undefined;
  readonly output: string | undefined;
  readonly answer: string | undefined;

  constructor(message: string, details: FairwayErrorDetails) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause });
    this.code = details.code;
    this.exitCode = details.exitCode;
    this.place = details.place;
    this.remedy = details.remedy;
    this.output = details.output;
    this.answer = details.answer;
  }
}

/** True for a FairwayError of this or of another copy of the package (source and build may both be loaded). */
export function isFairwayError(error: unknown): error is FairwayError {
  return error instanceof Error && error.name === "FairwayError" && "exitCode" in error && "code" in error;
}

export function usageError(message: string, details: Partial<FairwayErrorDetails> = {}): FairwayError {
  return new FairwayError(message, { code: "USAGE", ...details, exitCode: exitCodes.usage });
}

export function failure(message: string, details: Partial<FairwayErrorDetails> = {}): FairwayError {
  return new FairwayError(message, { code: "FAILED", ...details, exitCode: exitCodes.failed });
}

export function held(message: string, details: Partial<FairwayErrorDetails> = {}): FairwayError {
  return new FairwayError(message, { code: "HELD", ...details, exitCode: exitCodes.held });
}

/** The same error, in other words or with another remedy. */
export function reworded(
  error: FairwayError,
  change: { readonly message?: string; readonly remedy?: string },
): FairwayError {
  const { code, exitCode, place, remedy, output, answer, cause } = error;
  return new FairwayError(change.message ?? error.message, {
    ...{ code, exitCode, place, output, answer, cause },
    remedy: change.remedy ?? remedy,
  });
}

/** For the `default` of a switch over a closed union: does not compile while a case is missing. */
export function unreachable(value: never): never {
  throw new Error(`unexpected value: ${JSON.stringify(value)}`);
}
