import { createLogUpdate } from "log-update";
import type { Terminal } from "../terminal.ts";
import type { ProgressPainter } from "./view.ts";
import type { ProgressState, WorkItem } from "./state.ts";
import { endedLines, liveLines, type Frame } from "./tree.ts";

const spinner = ["⠋", "⠙", "⠹", "⠸", "⠼", "⠴", "⠦", "⠧", "⠇", "⠏"];
const frameMs = 100;

/** A tree that is redrawn in place; what has ended moves up into the terminal's history as one line. */
export function livePainter(state: ProgressState, terminal: Terminal): ProgressPainter {
  const { notes: stream, colours } = terminal;
  const draw = createLogUpdate(stream);
  let turn = 0;
  let saidNotes = 0;
  const frame = (): Frame => ({
    columns: stream.columns || 80,
    rows: stream.rows || 24,
    spinner: spinner[turn % spinner.length] ?? "",
    colours,
  });
  const keep = (lines: readonly string[]) => {
    draw.clear();
    draw.persist(lines.join("\n"));
  };
  const paint = () => {
    for (; saidNotes < state.notes.length; saidNotes += 1)
      keep([colours.faint(`· ${state.notes[saidNotes] ?? ""}`)]);
    const lines = liveLines(state, frame());
    if (lines.length === 0) draw.clear();
    else draw(lines.join("\n"));
  };
  const timer = setInterval(() => {
    turn += 1;
    paint();
  }, frameMs);
  timer.unref();

  return {
    headline: (text) => {
      keep([text]);
    },
    changed: (item: WorkItem | undefined) => {
      if (
        item !== undefined &&
        item.parent === undefined &&
        item.outcome !== undefined &&
        item.kind === "task"
      ) {
        keep(endedLines(item, state, frame()));
      }
    },
    end: (summary) => {
      clearInterval(timer);
      paint();
      draw.clear();
      if (summary !== "") draw.persist(colours.faint(summary));
      draw.done();
    },
  };
}
