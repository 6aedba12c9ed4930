/** One piece of work after the other, in the order in which they came. */
export interface Turns {
  /**
   * Does `work` when its turn has come and `check` lets its token pass. A newer token than that of the work under
   * way aborts it: its lease is over, and whoever holds the next one need not wait for what it waits for.
   */
  take<T>(token: number, work: (signal: AbortSignal) => Promise<T>, signal?: AbortSignal): Promise<T>;
}

export function createTurns(check: (token: number) => Promise<void>): Turns {
  let last: Promise<unknown> = Promise.resolve();
  let current: { readonly token: number; readonly abort: AbortController } | undefined;
  return {
    take: async (token, work, signal) => {
      // Here, so that those that wait with an older one are refused too; and again when the turn has come.
      await check(token);
      if (current !== undefined && token > current.token) current.abort.abort();
      const begin = async () => {
        await check(token);
        const abort = new AbortController();
        current = { token, abort };
        try {
          return await work(signal === undefined ? abort.signal : AbortSignal.any([signal, abort.signal]));
        } finally {
          current = undefined;
        }
      };
      const result = last.then(begin, begin);
      last = result.catch(() => undefined);
      return result;
    },
  };
}
