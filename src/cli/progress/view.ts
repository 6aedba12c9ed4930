import { Writable } from "node:stream";
import type { EngineEvent } from "../../engine/events.ts";
import { progressTo, type Progress, type ProgressEvent } from "../../model/progress.ts";
import type { ProgressChoice } from "../commands/invocation.ts";
import type { ChosenEngine } from "../run/engine.ts";
import { kebabCase } from "../commands/words.ts";
import type { Terminal } from "../terminal.ts";
import { asciiSigns } from "./ascii.ts";
import { livePainter } from "./live.ts";
import { plainPainter } from "./plain.ts";
import { ProgressState, type WorkItem } from "./state.ts";

/** One way of showing progress. */
export interface ProgressPainter {
  headline(text: string): void;
  /** Something happened; `item` is what started or ended, if anything did. */
  changed(item: WorkItem | undefined): void;
  /** The last word; nothing is drawn afterwards. */
  end(summary: string): void;
}

/** What the run tells, and where it goes: the module's tasks and the engine's steps in one picture on stderr. */
export interface ProgressView {
  readonly progress: Progress;
  readonly onEngineEvent: (event: EngineEvent) => void;
  /** Takes what a real engine prints while it starts. */
  readonly engineLog: Writable;
  headline(functionName: string, engine: ChosenEngine): void;
  /** True when no step was run: the results of all were in the cache. */
  ranNothing(): boolean;
  end(): void;
}

export function openView(choice: ProgressChoice, terminal: Terminal): ProgressView {
  const nowMs = () => performance.now();
  const state = new ProgressState(nowMs);
  const painter = painterOf(choice, state, nowMs, terminal);
  let ended = false;
  const tell = (item: WorkItem | undefined) => {
    if (!ended) painter.changed(item);
  };
  return {
    progress: progressTo((event: ProgressEvent) => {
      tell(state.onTask(event));
    }),
    onEngineEvent: (event) => {
      tell(state.onStep(event));
    },
    engineLog: lines((text) => {
      tell(state.onTask({ type: "note", text }));
    }),
    headline: (name, engine) => {
      const { bold, faint } = terminal.colours;
      const where = engine.kind === "embedded" ? "the embedded engine" : "Dagger";
      painter.headline(`${bold(`fairway ${kebabCase(name)}`)} ${faint(`on ${where} (${engine.because})`)}`);
    },
    ranNothing: () => state.steps.run + state.steps.failed === 0,
    end: () => {
      if (!ended) painter.end(stepSummary(state));
      ended = true;
    },
  };
}

function painterOf(
  choice: ProgressChoice,
  state: ProgressState,
  nowMs: () => number,
  terminal: Terminal,
): ProgressPainter {
  const isTree = choice === "tree" || (choice === "auto" && terminal.live);
  if (choice === "none") return silentPainter;
  if (isTree) return livePainter(state, terminal);
  return plainPainter(state, nowMs, terminal.colours, (text) => {
    terminal.notes.write(terminal.unicode ? text : asciiSigns(text));
  });
}

const silentPainter: ProgressPainter = {
  headline: () => undefined,
  changed: () => undefined,
  end: () => undefined,
};

/** `12 steps, 9 of them cached`; nothing where no step was asked for. */
function stepSummary({ steps }: ProgressState): string {
  const all = steps.run + steps.cached + steps.failed;
  if (all === 0) return "";
  const count = `${String(all)} ${all === 1 ? "step" : "steps"}`;
  if (steps.cached === all) return `${count}, all cached: nothing was run`;
  return steps.cached === 0 ? count : `${count}, ${String(steps.cached)} cached`;
}

function lines(say: (line: string) => void): Writable {
  return new Writable({
    write: (chunk: Buffer, _encoding, done) => {
      for (const line of chunk.toString().split("\n")) if (line.trim() !== "") say(line.trim());
      done();
    },
  });
}
