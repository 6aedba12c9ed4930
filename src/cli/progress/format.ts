import type { ProgressOutcome } from "../../model/progress.ts";
import type { Colours } from "../terminal.ts";

/** `0.3s`, `12.3s`, `2m 05s`. */
export function duration(milliseconds: number): string {
  const seconds = milliseconds / 1000;
  if (seconds < 59.95) return `${seconds.toFixed(1)}s`;
  const whole = Math.round(seconds);
  return `${String(Math.floor(whole / 60))}m ${String(whole % 60).padStart(2, "0")}s`;
}

export function sign(outcome: ProgressOutcome, colours: Colours): string {
  switch (outcome) {
    case "done":
    case "cached":
      return colours.green("✓");
    case "failed":
      return colours.red("✗");
    case "held":
      return colours.yellow("◦");
    case "skipped":
      return colours.faint("-");
  }
}

/** Cuts a plain text to a number of columns. */
export function cut(text: string, columns: number): string {
  if (text.length <= columns) return text;
  return columns < 2 ? "" : `${text.slice(0, columns - 1)}…`;
}

/** Left and right on one line of `columns`; the right side stays whole. Both are plain text. */
export function sides(
  left: string,
  right: string,
  columns: number,
): readonly [left: string, gap: string, right: string] {
  const short = cut(left, columns - right.length - 2);
  return [short, " ".repeat(Math.max(2, columns - short.length - right.length)), right];
}
