import { defaultTimeoutMinutes } from "../../config/config.ts";
import type { Check, CheckAnswer } from "./check.ts";

/** Of a check that the user did not let come to its end. */
export const stopped: CheckAnswer = {
  verdict: "insufficient",
  summary: "stopped",
  missing: "It has to run to its end.",
};

/**
 * Waits for a check until the call is stopped or its time is over: then it is told so, and the others are told beside it. What was
 * begun is left to end with its session.
 */
export async function inTime<Answer>(
  { timeoutMinutes = defaultTimeoutMinutes }: Pick<Check, "timeoutMinutes">,
  signal: AbortSignal | undefined,
  work: Promise<Answer>,
): Promise<Answer | CheckAnswer> {
  // Where nobody waits for it any longer, how it ends is of no interest.
  work.catch(() => undefined);
  if (signal?.aborted === true) return stopped;
  const { promise, resolve } = Promise.withResolvers<CheckAnswer>();
  const stop = () => {
    resolve(stopped);
  };
  const timer = setTimeout(() => {
    resolve(outOfTime(timeoutMinutes));
  }, timeoutMinutes * 60_000);
  signal?.addEventListener("abort", stop, { once: true });
  try {
    return await Promise.race([work, promise]);
  } finally {
    clearTimeout(timer);
    signal?.removeEventListener("abort", stop);
  }
}

function outOfTime(minutes: number): CheckAnswer {
  return {
    verdict: "insufficient",
    summary: `stopped after ${String(minutes)} minutes, its time limit`,
    missing: "See what it waits for; or give it more time: `timeoutMinutes` of the check in fairway.yaml.",
  };
}
