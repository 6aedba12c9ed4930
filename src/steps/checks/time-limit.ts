/** Why work is not waited for any longer. */
export type CutOff = "stopped" | "out of time";

/**
 * Waits for work until the call is stopped or its time is over. What was begun is left to end with its session.
 * @param limitMinutes how long it is waited for at most
 */
export async function cutOff<T>(
  work: Promise<T>,
  { signal, limitMinutes }: { readonly signal: AbortSignal | undefined; readonly limitMinutes: number },
): Promise<T | CutOff> {
  // Nobody waits for it any longer: how it ends is of no interest.
  work.catch(() => undefined);
  if (signal?.aborted === true) return "stopped";
  const { promise, resolve } = Promise.withResolvers<CutOff>();
  const stop = () => {
    resolve("stopped");
  };
  const timer = setTimeout(() => {
    resolve("out of time");
  }, limitMinutes * 60_000);
  signal?.addEventListener("abort", stop, { once: true });
  try {
    return await Promise.race([work, promise]);
  } finally {
    clearTimeout(timer);
    signal?.removeEventListener("abort", stop);
  }
}
