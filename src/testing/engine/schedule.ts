import type { Clock } from "../../model/clock.ts";

interface Sleeper {
  readonly until: number;
  readonly wake: () => void;
}

/** Turns of the event loop in which a client that was answered has asked for its next steps: no thread is in between. */
export const quietTurns = 16;

/**
 * Virtual time, which goes on to whatever ends next once nobody asks for more: what is asked for at once is under way
 * at once, on however slow a machine, and nothing is waited for.
 */
export class Schedule implements Clock {
  readonly #beginMs: number;
  readonly #settleMs: number;
  #elapsedMs = 0;
  #moment = 0;
  #sleepers: readonly Sleeper[] = [];
  #isPumping = false;
  #quiet = 0;
  #lastAskedAt = 0;

  /** @param settleMs real milliseconds without a new step, beside the turns, before time goes on */
  constructor(start: string, settleMs: number) {
    this.#beginMs = Date.parse(start);
    this.#settleMs = settleMs;
  }

  now(): Date {
    return new Date(this.#beginMs + this.#elapsedMs);
  }

  /** How often time went on so far: what lies between the same two moments was under way at once. */
  get moment(): number {
    return this.#moment;
  }

  get elapsedMs(): number {
    return this.#elapsedMs;
  }

  sleep(milliseconds: number, signal?: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      signal?.throwIfAborted();
      const sleeper = { until: this.#elapsedMs + Math.max(0, milliseconds), wake: resolve };
      this.#sleepers = [...this.#sleepers, sleeper];
      signal?.addEventListener(
        "abort",
        () => {
          this.#sleepers = this.#sleepers.filter((other) => other !== sleeper);
          reject(signal.reason as Error);
        },
        { once: true },
      );
      this.#asked();
      if (this.#isPumping) return;
      this.#isPumping = true;
      setImmediate(this.#pump);
    });
  }

  #asked(): void {
    this.#quiet = 0;
    if (this.#settleMs > 0) this.#lastAskedAt = performance.now();
  }

  /** However slow a disk is, what is read from it may lead to a next step. */
  #isSettled(): boolean {
    if (process.getActiveResourcesInfo().some((kind) => /^(FSReq|CloseReq)/.test(kind))) {
      this.#asked();
      return false;
    }
    return performance.now() - this.#lastAskedAt >= this.#settleMs;
  }

  readonly #pump = (): void => {
    if (this.#sleepers.length === 0) {
      this.#isPumping = false;
      return;
    }
    setImmediate(this.#pump);
    if (this.#quiet++ < quietTurns) return;
    if (this.#settleMs > 0 && !this.#isSettled()) return;
    const next = Math.min(...this.#sleepers.map(({ until }) => until));
    const due = this.#sleepers.filter(({ until }) => until === next);
    this.#sleepers = this.#sleepers.filter(({ until }) => until !== next);
    this.#elapsedMs = Math.max(this.#elapsedMs, next);
    this.#moment++;
    this.#asked();
    for (const { wake } of due) wake();
  };
}
