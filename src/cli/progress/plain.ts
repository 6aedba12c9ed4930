import { firstOf } from "../../report/text.ts";
import type { Colours } from "../terminal.ts";
import { cut, duration, sign } from "./format.ts";
import { isRunning, type ProgressState, type WorkItem } from "./state.ts";
import type { ProgressPainter } from "./view.ts";

/** Quiet for this long: say what is still running, so that nobody thinks that it hangs. */
const quietMs = 15_000;
/** Steps that take less are not worth a line in a log. */
const longStepMs = 2_000;

/** One line for each thing that ends, with the time since the start in front: for logs of CI and for files. */
export function plainPainter(
  state: ProgressState,
  nowMs: () => number,
  colours: Colours,
  write: (text: string) => void,
): ProgressPainter {
  const startMs = nowMs();
  let lastMs = startMs;
  let saidNotes = 0;
  const saidVerdicts = new Map<WorkItem, string>();
  const say = (text: string) => {
    lastMs = nowMs();
    write(`${colours.faint(duration(lastMs - startMs).padStart(7))}  ${text}\n`);
  };
  const sayNotes = () => {
    for (; saidNotes < state.notes.length; saidNotes += 1)
      say(colours.faint(`· ${state.notes[saidNotes] ?? ""}`));
  };
  const sayLook = (item: WorkItem) => {
    const verdicts = verdictsOf(item);
    if (verdicts === "" || verdicts === saidVerdicts.get(item)) return;
    saidVerdicts.set(item, verdicts);
    say(`… ${cut(pathOf(item), 60)}: ${cut(item.lastLine, 200)}`);
  };
  const heartbeat = setInterval(() => {
    const busy = state.running().filter(({ children }) => !children.some(isRunning));
    if (busy.length === 0 || nowMs() - lastMs < quietMs) return;
    say(`… ${stillRunning(busy, state)}`);
  }, 1_000);
  heartbeat.unref();

  return {
    headline: (text) => {
      write(`${text}\n`);
    },
    changed: (item) => {
      sayNotes();
      if (item !== undefined && isRunning(item)) sayLook(item);
      if (item?.outcome !== undefined && isWorthALine(item, state)) say(endLine(item, state, colours));
    },
    end: (summary) => {
      clearInterval(heartbeat);
      sayNotes();
      if (summary !== "") say(colours.faint(summary));
    },
  };
}

/** What the last look came to: the next one is worth a line when it comes to something else. */
function verdictsOf({ rollout }: WorkItem): string {
  const seen = rollout?.hold?.seen ?? [];
  return seen.map(({ verdict }) => verdict?.verdict ?? "unread").join();
}

/** `checks › unit 12.0s, image api 9.1s, +4 more`; of a task that is alone also what it said last. */
function stillRunning(busy: readonly WorkItem[], state: ProgressState): string {
  const [only, ...more] = busy;
  if (only?.kind === "task" && more.length === 0 && only.lastLine !== "") {
    return `${cut(pathOf(only), 60)} ${duration(state.durationMs(only))}: ${cut(only.lastLine, 200)}`;
  }
  return firstOf(busy.map((item) => `${cut(pathOf(item), 60)} ${duration(state.durationMs(item))}`));
}

function isWorthALine(item: WorkItem, state: ProgressState): boolean {
  if (item.kind === "task") return true;
  if (item.outcome === "failed") return true;
  return item.outcome !== "cached" && !saidByItsTask(item) && state.durationMs(item) >= longStepMs;
}

/** `pnpm run lint` of the task lint; a service, which ends when nobody needs it. */
function saidByItsTask(item: WorkItem): boolean {
  return item.name.startsWith("service: ") || item.name.split(/\s+/).includes(item.parent?.name ?? "");
}

function endLine(item: WorkItem, state: ProgressState, colours: Colours): string {
  const time = item.outcome === "cached" ? "cached" : duration(state.durationMs(item));
  const detail = item.detail === undefined ? "" : `  ${cut(item.detail, 160)}`;
  const name = item.kind === "step" ? colours.faint(cut(pathOf(item), 100)) : pathOf(item);
  return `${sign(item.outcome ?? "done", colours)} ${name}${detail}  ${colours.faint(time)}`;
}

/** `checks › unit`, `checks › unit $ pnpm run unit`. */
function pathOf(item: WorkItem): string {
  if (item.parent === undefined) return item.kind === "step" ? `$ ${item.name}` : item.name;
  return item.kind === "step"
    ? `${pathOf(item.parent)} $ ${item.name}`
    : `${pathOf(item.parent)} › ${item.name}`;
}
