import type { RolloutStanding } from "../../model/rollout.ts";
import type { Colours } from "../terminal.ts";
import { cut, duration, sides, sign } from "./format.ts";
import { rolloutLines } from "./rollout/rollout.ts";
import { isRunning, type ProgressState, type WorkItem } from "./state.ts";

export interface Frame {
  readonly columns: number;
  readonly rows: number;
  /** Milliseconds since 1970. */
  readonly nowMs: number;
  /** The sign of what runs: turns from frame to frame. */
  readonly spinner: string;
  readonly colours: Colours;
}

/** The lines of the top-level tasks that still run, with what runs below them. Never more than fit the screen. */
export function liveLines(state: ProgressState, frame: Frame): string[] {
  const lines = state.roots.filter(isRunning).flatMap((root) => itemLines(root, 0, state, frame));
  const room = Math.max(frame.rows - 2, 3);
  if (lines.length <= room) return lines;
  const left = lines.length - room + 1;
  return [...lines.slice(0, room - 1), frame.colours.faint(`  … ${String(left)} more lines`)];
}

/** A top-level task that has ended, as it stays on the screen: one line, and one for each part that failed. */
export function endedLines(item: WorkItem, state: ProgressState, frame: Frame): string[] {
  const failed = item.children.filter(
    ({ kind, outcome }) => kind === "task" && outcome !== "done" && outcome !== "cached",
  );
  return [
    itemLine(item, 0, state, frame),
    ...failed.flatMap((child) => [itemLine(child, 1, state, frame), ...lastWords(child, 1, frame)]),
  ];
}

function itemLines(item: WorkItem, depth: number, state: ProgressState, frame: Frame): string[] {
  const shown = item.children.filter((child) => child.kind === "task" || isRunning(child));
  const own = itemLine(item, depth, state, frame);
  if (!isRunning(item)) return [own, ...lastWords(item, depth, frame)];
  const below = shown.flatMap((child) => itemLines(child, depth + 1, state, frame));
  if (item.rollout !== undefined) return [own, ...rolloutOf(item.rollout, depth, frame), ...below];
  const words = below.length === 0 && item.lastLine !== "" ? [lastLine(item, depth, frame)] : [];
  return [own, ...words, ...below];
}

/** Of one that failed, the last that it, or the step that failed for it, printed. */
function lastWords(item: WorkItem, depth: number, frame: Frame): string[] {
  if (item.kind !== "task" || item.outcome !== "failed") return [];
  const told = [
    item,
    ...item.children.filter(({ kind, outcome }) => kind === "step" && outcome === "failed"),
  ];
  const last = told.findLast((one) => one.lastLine !== "");
  return last === undefined ? [] : [lastLine(last, depth, frame)];
}

function itemLine(item: WorkItem, depth: number, state: ProgressState, frame: Frame): string {
  const { colours, columns } = frame;
  const margin = "  ".repeat(depth);
  const mark = item.outcome === undefined ? colours.cyan(frame.spinner) : sign(item.outcome, colours);
  const time = item.outcome === "cached" ? "cached" : duration(state.durationMs(item));
  const room = Math.min(columns, 100) - margin.length - 3;
  // What it says of itself never pushes its name away.
  const reserved = Math.min(item.name.length, Math.floor(room / 2));
  const space = room - reserved - time.length - 4;
  const right = [space < 8 ? "" : cut(summary(item), space), time].filter((part) => part !== "").join("  ");
  const name = item.kind === "step" ? `$ ${item.name}` : item.name;
  const [left, gap, end] = sides(name, right, room);
  const dressed =
    item.kind === "step" ? colours.faint(left) : item.outcome === "failed" ? colours.bold(left) : left;
  return `${margin}${mark} ${dressed}${gap}${colours.faint(end)}`;
}

function lastLine(item: WorkItem, depth: number, { columns, colours }: Frame): string {
  const margin = "  ".repeat(depth + 1);
  return margin + colours.faint(cut(`│ ${item.lastLine}`, Math.min(columns, 100) - margin.length - 1));
}

/** It says all that the last line of the task does. */
function rolloutOf(standing: RolloutStanding, depth: number, { columns, nowMs, colours }: Frame): string[] {
  const margin = "  ".repeat(depth + 1);
  const canvas = { columns: Math.min(columns, 110) - margin.length - 1, nowMs, colours };
  return rolloutLines(standing, canvas).map((line) => margin + line);
}

/** What a task says of itself, else what became of its parts: `5 done, 3 cached`. */
function summary(item: WorkItem): string {
  if (item.detail !== undefined) return item.detail;
  if (isRunning(item)) return "";
  const parts = item.children.filter(({ kind }) => kind === "task");
  if (parts.length < 2) return "";
  const count = (...outcomes: WorkItem["outcome"][]) =>
    parts.filter(({ outcome }) => outcomes.includes(outcome)).length;
  const said = [
    [count("done"), "done"],
    [count("cached"), "cached"],
    [count("failed"), "failed"],
    [count("held"), "held"],
    [count("skipped"), "skipped"],
  ] as const;
  return said
    .filter(([number]) => number > 0)
    .map(([number, word]) => `${String(number)} ${word}`)
    .join(", ");
}
