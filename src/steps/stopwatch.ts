import type { Container } from "@dagger.io/dagger";
import type { TaskProgress } from "../model/progress.ts";

/** What is known of steps that ended well. */
export interface Passed {
  /** 0 for what came from the cache. */
  readonly durationMs: number;
  /** Present where nothing ran: the results were in the cache. */
  readonly cached?: true;
}

/** Counts from its making. */
export interface Stopwatch {
  durationMs(): number;
  /** Whether the steps of a container ran since, however they ended; else they came from the cache. */
  ran(container: Container): Promise<boolean>;
  /** Runs the steps of a container, and tells the task when they came from the cache. */
  passed(container: Container, task: TaskProgress): Promise<Passed>;
}

/** Exported for who shows steps: this one is not the user's. */
export const stampCommand = ["date", "+%s"] as const;

export function stopwatch(): Stopwatch {
  const started = performance.now();
  const since = Math.floor(Date.now() / 1000);
  const durationMs = () => Math.round(performance.now() - started);
  return {
    durationMs,
    ran: (container) => ranSince(container, since),
    passed: async (container, task) => {
      if (await ranSince(await container.sync(), since)) return { durationMs: durationMs() };
      task.outcome("cached");
      return { durationMs: 0, cached: true };
    },
  };
}

/**
 * Whether the steps ran just now, or came from the cache. An engine does not tell, but a step that prints the time is
 * in the cache exactly when all before it is.
 * @param since seconds of the epoch, rounded down
 */
async function ranSince(container: Container, since: number): Promise<boolean> {
  const stamp = Number((await container.withExec([...stampCommand]).stdout()).trim());
  return !(stamp < since);
}
