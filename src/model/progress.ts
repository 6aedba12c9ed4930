import type { RolloutStanding } from "./rollout.ts";

/** What is happening, for whoever watches: the terminal's tree, a CI log, a test. Never holds a secret. */
export type ProgressEvent =
  | { readonly type: "started"; readonly id: string; readonly parent?: string; readonly name: string }
  | {
      readonly type: "output";
      readonly id: string;
      readonly stream: "stdout" | "stderr";
      readonly text: string;
    }
  | { readonly type: "note"; readonly id?: string; readonly text: string }
  | { readonly type: "rollout"; readonly id: string; readonly rollout: RolloutStanding }
  | {
      readonly type: "finished";
      readonly id: string;
      readonly outcome: ProgressOutcome;
      readonly detail?: string;
    };

export type ProgressOutcome = "done" | "cached" | "failed" | "skipped" | "held";

/** One running piece of work. `task` nests; `note` says something once. */
export interface Progress {
  task<T>(name: string, work: (progress: TaskProgress) => Promise<T>): Promise<T>;
  note(text: string): void;
}

export interface TaskProgress extends Progress {
  output(text: string, stream?: "stdout" | "stderr"): void;
  /** Says how far the rollout is that it is a part of; the last word stands. */
  rollout(standing: RolloutStanding): void;
  /** Says how it ended when that is more than done or thrown. */
  outcome(outcome: ProgressOutcome, detail?: string): void;
}

/** Progress that sends events to one listener. */
export function progressTo(emit: (event: ProgressEvent) => void): Progress {
  let next = 0;
  const below = (parent: string | undefined): Progress => ({
    note: (text) => {
      emit({ type: "note", text, ...(parent === undefined ? {} : { id: parent }) });
    },
    task: async (name, work) => {
      const id = `task-${String(++next)}`;
      let end: { outcome: ProgressOutcome; detail?: string } = { outcome: "done" };
      emit({ type: "started", id, name, ...(parent === undefined ? {} : { parent }) });
      try {
        return await work({
          ...below(id),
          output: (text, stream = "stdout") => {
            emit({ type: "output", id, stream, text });
          },
          rollout: (rollout) => {
            emit({ type: "rollout", id, rollout });
          },
          outcome: (outcome, detail) => {
            end = detail === undefined ? { outcome } : { outcome, detail };
          },
        });
      } catch (error) {
        if (end.outcome === "done") end = { outcome: "failed" };
        throw error;
      } finally {
        emit({ type: "finished", id, ...end });
      }
    },
  });
  return below(undefined);
}

export const silentProgress: Progress = progressTo(() => undefined);
