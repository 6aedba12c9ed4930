import { isFairwayError } from "../model/errors.ts";

/** What the caller asked cannot be answered; the message is all that the client gets. */
export class EngineError extends Error {
  override readonly name: string = "EngineError";
}

/** The fields of a failed step, as Dagger's clients read them. */
export interface ExecFailure {
  readonly cmd: readonly string[];
  /** -1 when the step failed before its program was started. */
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** A step that failed. GraphQL copies `extensions` into the answer; the client makes its ExecError of them. */
export class StepError extends EngineError {
  override readonly name: string = "StepError";
  readonly extensions: { readonly [key: string]: unknown };
  readonly failure: ExecFailure;
  readonly place: string | undefined;

  /** @param place where the step is written, if it is: `apps/api/Dockerfile:7 RUN npm ci` */
  constructor(message: string, failure: ExecFailure, place?: string) {
    super(message);
    this.failure = failure;
    this.place = place;
    this.extensions = { _type: "EXEC_ERROR", ...failure, ...(place === undefined ? {} : { place }) };
  }

  /** The same failure told with other words in front. */
  within(context: string): StepError {
    return new StepError(`${context}: ${this.message}`, this.failure);
  }

  /** The same failure, of an instruction that stands in a file. */
  at(line: string, instruction: string): StepError {
    return new StepError(`${line}: ${instruction}: ${this.message}`, this.failure, `${line} ${instruction}`);
  }
}

export function missingPath(path: string): EngineError {
  return new EngineError(`stat ${path}: no such file or directory`);
}

/** One of Fairway's own errors (a missing tool, a sandbox that the kernel refuses) told with its remedy. */
export function told(error: unknown): Error {
  if (!isFairwayError(error)) return error instanceof Error ? error : new Error(String(error));
  const message = error.remedy === undefined ? error.message : `${error.message}\n${error.remedy}`;
  const extensions = {
    code: error.code,
    exitCode: error.exitCode,
    place: error.place,
    output: error.output,
    remedy: error.remedy,
  };
  return Object.assign(new EngineError(message, { cause: error }), { extensions: { fairway: extensions } });
}
