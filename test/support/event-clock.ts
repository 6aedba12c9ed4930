import type { Clock } from "../../src/model/clock.ts";

interface Sleeper {
  readonly until: number;
  readonly wake: () => void;
}

/** Turns of the event loop after which whoever was woken has gone to sleep again: nothing here waits for the outside. */
const idleTurns = 8;

/**
 * A clock that goes on to whatever is next as soon as everybody sleeps, one sleeper at a time in the order of their times: a
 * fortnight is over in a moment, and nobody's alarm rings before its time.
 */
export function eventClock(start = "2026-03-02T09:00:00.000Z"): Clock {
  let now = Date.parse(start);
  let sleepers: readonly Sleeper[] = [];
  let pumping = false;
  const pump = (turnsLeft: number) => {
    if (sleepers.length === 0) {
      pumping = false;
      return;
    }
    if (turnsLeft > 0) {
      setImmediate(pump, turnsLeft - 1);
      return;
    }
    const next = sleepers.reduce((one, other) => (other.until < one.until ? other : one));
    sleepers = sleepers.filter((sleeper) => sleeper !== next);
    now = Math.max(now, next.until);
    next.wake();
    setImmediate(pump, idleTurns);
  };
  return {
    now: () => new Date(now),
    sleep: (milliseconds, signal) =>
      new Promise((resolve, reject) => {
        signal?.throwIfAborted();
        const sleeper = { until: now + milliseconds, wake: resolve };
        sleepers = [...sleepers, sleeper];
        signal?.addEventListener(
          "abort",
          () => {
            sleepers = sleepers.filter((other) => other !== sleeper);
            reject(signal.reason as Error);
          },
          { once: true },
        );
        if (!pumping) {
          pumping = true;
          setImmediate(pump, idleTurns);
        }
      }),
  };
}
