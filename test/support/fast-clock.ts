import { setImmediate } from "node:timers/promises";
import type { Clock } from "../../src/model/clock.ts";

/** Time that passes only while somebody sleeps, and at once: a wait of minutes is over in no time. */
export function fastClock(start = "2026-03-02T09:00:00.000Z"): Clock {
  let now = Date.parse(start);
  return {
    now: () => new Date(now),
    sleep: async (milliseconds, signal) => {
      signal?.throwIfAborted();
      await setImmediate();
      now += milliseconds;
      signal?.throwIfAborted();
    },
  };
}
