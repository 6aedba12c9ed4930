import { setImmediate } from "node:timers/promises";
import { failure } from "../../model/errors.ts";
import { readable } from "./readable.ts";
import { quietTurns } from "./schedule.ts";
import type { Recorder, RecordedStep } from "./trace/trace.ts";

export const stillRunning = "engine.run(...) is still under way: write await engine.run(...)";

/** The pipelines of one engine: whether they have ended, and whether they have waited for what they asked for. */
export class Runs {
  readonly #recorder: Recorder;
  #open = 0;

  constructor(recorder: Recorder) {
    this.#recorder = recorder;
  }

  get isRunning(): boolean {
    return this.#open > 0;
  }

  async run<T>(work: () => Promise<T>): Promise<T> {
    this.#open++;
    try {
      return await work();
    } catch (error) {
      throw readable(error, this.#recorder.steps);
    } finally {
      this.#open--;
    }
  }

  /** @throws FairwayError NOT_AWAITED where steps are first asked for when the work has ended */
  async awaited<T>(work: () => Promise<T>): Promise<T> {
    const answer = await work();
    const { steps } = this.#recorder;
    const known = steps.length;
    // The loser of a race may ask for its next step.
    if (steps.some(isUnderWay)) return answer;
    await quiet();
    if (steps.length === known) return answer;
    // Who asked gets his answer before the engine is closed, else a second error tells of a broken connection.
    for (let more = 0; more < mostQuiets && steps.some(isUnderWay); more++) await quiet();
    await quiet();
    throw notAwaited(steps.slice(known));
  }

  /** @throws FairwayError NOT_AWAITED */
  requireEnded(): void {
    if (this.isRunning) throw failure(stillRunning, { code: "NOT_AWAITED" });
  }
}

/** Enough for steps after steps; an answer that never comes is not waited for. */
const mostQuiets = 100;

/** The turns of the event loop in which what was asked for arrives. */
async function quiet(): Promise<void> {
  for (let turn = 0; turn < quietTurns; turn++) await setImmediate();
}

function isUnderWay({ answeredAt }: RecordedStep): boolean {
  return answeredAt === Infinity;
}

function notAwaited(late: readonly RecordedStep[]): Error {
  const commands = late.map(({ exec }) => `\`${exec.shownArgv.join(" ")}\``).join(", ");
  return failure(`the pipeline had ended when it asked for ${commands}: a call is not awaited`, {
    code: "NOT_AWAITED",
    remedy:
      "write await before the call, or return its promise: whether the step fails is not seen otherwise",
  });
}
