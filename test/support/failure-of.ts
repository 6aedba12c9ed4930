import type { FairwayError } from "../../src/model/errors.ts";

/** The error that the work ends with. */
export async function failureOf(work: Promise<unknown>): Promise<FairwayError> {
  return work.then(
    (value) => Promise.reject(new Error(`it was expected to fail: ${JSON.stringify(value)}`)),
    (error: unknown) => error as FairwayError,
  );
}
