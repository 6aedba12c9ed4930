import { stripVTControlCharacters } from "node:util";
import type { EngineEvent } from "../../engine/events.ts";
import type { ProgressEvent, ProgressOutcome } from "../../model/progress.ts";
import type { RolloutStanding } from "../../model/rollout.ts";
import { visible } from "../../model/visible.ts";
import { stampCommand } from "../../steps/steps.ts";
import { stepName } from "./step-name.ts";

/** A task of the module, or a step that the engine runs for it. */
export interface WorkItem {
  readonly id: string;
  readonly kind: "task" | "step";
  readonly name: string;
  readonly parent: WorkItem | undefined;
  readonly children: WorkItem[];
  readonly startedAtMs: number;
  endedAtMs: number | undefined;
  outcome: ProgressOutcome | undefined;
  detail: string | undefined;
  /** The last line that it printed. */
  lastLine: string;
  /** How far the rollout is that it is a part of; undefined for what is none. */
  rollout: RolloutStanding | undefined;
}

/** How the checks find out whether what stands before it came from the cache: nothing that a user asked for. */
const cacheProbe = stampCommand.join(" ");

/** What has happened so far, for any way of drawing it. Events in, items out; draws nothing. */
export class ProgressState {
  readonly roots: WorkItem[] = [];
  readonly notes: string[] = [];
  readonly steps = { run: 0, cached: 0, failed: 0 };
  readonly #items = new Map<string, WorkItem>();
  readonly #nowMs: () => number;

  constructor(nowMs: () => number) {
    this.#nowMs = nowMs;
  }

  /** Answers the item that a `started`, `finished` or `rollout` is about; undefined for all else. */
  onTask(event: ProgressEvent): WorkItem | undefined {
    switch (event.type) {
      case "started":
        return this.#start(event.id, "task", oneLine(event.name), this.#items.get(event.parent ?? ""));
      case "finished":
        return this.#finish(event.id, event.outcome, event.detail);
      case "rollout": {
        const item = this.#items.get(event.id);
        if (item !== undefined) item.rollout = event.rollout;
        return item;
      }
      default:
        this.#hear(event);
        return undefined;
    }
  }

  onStep(event: EngineEvent): WorkItem | undefined {
    switch (event.type) {
      case "started":
        if (event.command === cacheProbe) return undefined;
        return this.#start(event.id, "step", stepName(event.command), this.#owner(event.command));
      case "finished":
        if (!this.#items.has(event.id)) return undefined;
        this.steps[event.outcome === "cached" ? "cached" : event.outcome === "failed" ? "failed" : "run"] +=
          1;
        return this.#finish(event.id, event.outcome, undefined);
      default:
        this.#hear(event);
        return undefined;
    }
  }

  running(): WorkItem[] {
    return [...this.#items.values()].filter(isRunning);
  }

  durationMs(item: WorkItem): number {
    return (item.endedAtMs ?? this.#nowMs()) - item.startedAtMs;
  }

  /** What somebody says, a task or a step. */
  #hear(event: Extract<ProgressEvent | EngineEvent, { type: "output" | "note" }>): void {
    if (event.type === "output") this.#print(event.id, event.text);
    else this.#note(event.text);
  }

  #start(id: string, kind: WorkItem["kind"], name: string, parent: WorkItem | undefined): WorkItem {
    const item: WorkItem = {
      id,
      kind,
      name,
      parent,
      children: [],
      startedAtMs: this.#nowMs(),
      endedAtMs: undefined,
      outcome: undefined,
      detail: undefined,
      lastLine: "",
      rollout: undefined,
    };
    this.#items.set(id, item);
    (parent?.children ?? this.roots).push(item);
    return item;
  }

  #finish(id: string, outcome: ProgressOutcome, detail: string | undefined): WorkItem | undefined {
    const item = this.#items.get(id);
    if (item === undefined) return undefined;
    item.outcome = outcome;
    item.detail = detail === undefined ? undefined : oneLine(detail);
    item.endedAtMs = this.#nowMs();
    return item;
  }

  #print(id: string, text: string): void {
    const item = this.#items.get(id);
    const line = lastLine(text);
    if (item !== undefined && line !== "") item.lastLine = line;
  }

  #note(text: string): void {
    const line = oneLine(text);
    if (!this.notes.includes(line)) this.notes.push(line);
  }

  /**
   * The task that a step is probably for: the engine does not know tasks. The only one that runs, else one whose
   * name is a word of the command; else none.
   */
  #owner(command: string): WorkItem | undefined {
    const leaves = this.running().filter(
      ({ kind, children }) => kind === "task" && !children.some(isRunningTask),
    );
    const words = new Set(command.split(/[^\w-]+/));
    return leaves.length === 1 ? leaves[0] : leaves.find(({ name }) => words.has(name));
  }
}

export function isRunning(item: WorkItem): boolean {
  return item.outcome === undefined;
}

function isRunningTask(item: WorkItem): boolean {
  return item.kind === "task" && isRunning(item);
}

/** Printable, without colours and carriage returns: what a line of a terminal can hold. */
function lastLine(text: string): string {
  return (
    stripVTControlCharacters(text)
      .split(/[\r\n]+/)
      .map(printable)
      .findLast((line) => line !== "") ?? ""
  );
}

function oneLine(text: string): string {
  return visible(stripVTControlCharacters(text));
}

function printable(line: string): string {
  // eslint-disable-next-line no-control-regex
  return visible(line.replace(/[\u0000-\u001f\u007f]+/g, " "));
}
