import { createLogUpdate } from "log-update";
import type { Terminal } from "../terminal.ts";
import { asciiSigns } from "./ascii.ts";
import { drawBeside } from "./beside.ts";
import type { ProgressPainter } from "./view.ts";
import type { ProgressState, WorkItem } from "./state.ts";
import { endedLines, liveLines, type Frame } from "./tree.ts";

const spinner = ["⠋", "⠙", "⠹", "⠸", "⠼", "⠴", "⠦", "⠧", "⠇", "⠏"];
const frameMs = 100;

/** A tree that is redrawn in place; what has ended moves up into the terminal's history as one line. */
export function livePainter(state: ProgressState, terminal: Terminal): ProgressPainter {
  const { notes: stream, screens, colours, unicode } = terminal;
  const draw = createLogUpdate(stream);
  const textOf = (lines: readonly string[]) => {
    const text = lines.join("\n");
    return unicode ? text : asciiSigns(text);
  };
  let turn = 0;
  let saidNotes = 0;
  const frame = (): Frame => ({
    columns: stream.columns || 80,
    rows: stream.rows || 24,
    nowMs: Date.now(),
    spinner: spinner[turn % spinner.length] ?? "",
    colours,
  });
  const keep = (lines: readonly string[]) => {
    drawing.own(() => {
      draw.persist(textOf(lines));
    });
  };
  const drawing = drawBeside(screens, (lines) => {
    keep(lines);
    paint();
  });
  const paint = () => {
    for (; saidNotes < state.notes.length; saidNotes += 1)
      keep([colours.faint(`· ${state.notes[saidNotes] ?? ""}`)]);
    const lines = liveLines(state, frame());
    drawing.own(() => {
      if (lines.length === 0) draw.clear();
      else draw(textOf(lines));
    });
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
        // What still runs is not gone until the next turn.
        paint();
      }
    },
    end: (summary) => {
      clearInterval(timer);
      paint();
      drawing.own(() => {
        draw.clear();
        if (summary !== "") draw.persist(textOf([colours.faint(summary)]));
        draw.done();
      });
      drawing[Symbol.dispose]();
    },
  };
}
