import type { ItemJudgement } from "../release/gates/checklist.ts";
import { indent, table } from "./text.ts";

/** Whether each item of the release checklist is open now, and why not. */
export function checklistText(items: readonly ItemJudgement[]): string {
  const rows = items.map(({ name, state, says }) => [name, state, says]);
  return `checklist\n${indent(table(rows))}`;
}

/** `2 of 3 open` */
export function checklistSummary(items: readonly ItemJudgement[]): string {
  const open = items.filter(({ state }) => state === "open").length;
  return `${String(open)} of ${String(items.length)} open`;
}
