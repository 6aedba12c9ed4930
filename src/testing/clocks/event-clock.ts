import type { Clock } from "../../model/clock.ts";

/** Time that needs none: see `eventClock`. */
export interface EventClock extends Clock {
  /** Changes what clocks show, and no sleep: as when a machine's time is set. Negative for back. */
  jump(milliseconds: number): void;
  /** Milliseconds since it began, which no jump changes. */
  elapsed(): number;
  /** Forgets whoever sleeps still. */
  stop(): void;
}

interface Sleeper {
  readonly until: number;
  readonly wake: () => void;
}

/** Turns of the event loop after which whoever was woken has gone to sleep again: nothing here waits for the outside. */
const idleTurns = 8;

/**
 * A clock that goes on to whatever is next as soon as everybody sleeps, one sleeper at a time in the order of their times: a
 * fortnight is over in a moment, and nobody's alarm rings before its time. For work that waits for nothing else.
 * @param start RFC 3339
 */
export function eventClock(start = "2026-03-02T09:00:00.000Z"): EventClock {
  const begin = Date.parse(start);
  let elapsed = 0;
  let offset = 0;
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
    elapsed = Math.max(elapsed, next.until);
    next.wake();
    setImmediate(pump, idleTurns);
  };
  return {
    now: () => new Date(begin + elapsed + offset),
    elapsed: () => elapsed,
    jump: (milliseconds) => {
      offset += milliseconds;
    },
    stop: () => {
      sleepers = [];
    },
    sleep: (milliseconds, signal) =>
      new Promise((resolve, reject) => {
        signal?.throwIfAborted();
        const onAbort = () => {
          sleepers = sleepers.filter((other) => other !== sleeper);
          reject(signal?.reason as Error);
        };
        const wake = () => {
          signal?.removeEventListener("abort", onAbort);
          resolve();
        };
        const sleeper = { until: elapsed + Math.max(0, milliseconds), wake };
        sleepers = [...sleepers, sleeper];
        signal?.addEventListener("abort", onAbort, { once: true });
        if (pumping) return;
        pumping = true;
        setImmediate(pump, idleTurns);
      }),
  };
}
