import { visible, visibleLines } from "../../model/visible.ts";
import type { Finding } from "./review.ts";
import type { SafeStep } from "./rules/rule.ts";

/** Where and what, why, and what to do instead, one below the other. */
export function findingText({ place, sql, rule, severity, what, instead, allowed }: Finding): string {
  const head = visible(`${place}: ${severity} ${rule}${sql === "" ? "" : `: ${sql}`}`);
  const why = `  ${visible(what)}`;
  if (allowed !== null) {
    const until = allowed.until === null ? "" : `, until ${allowed.until}`;
    return [head, why, `  allowed: ${visible(allowed.reason)}${until}`].join("\n");
  }
  return [head, why, ...insteadLines(instead)].join("\n");
}

/** The safe way, step by step, below what is said of it. */
export function insteadLines(instead: readonly SafeStep[]): readonly string[] {
  return instead.flatMap(stepLines);
}

function stepLines(step: SafeStep, index: number): string[] {
  const number = `  ${String(index + 1)}. `;
  if ("release" in step) return [`${number}release ${visible(step.release)}`];
  const lines = visibleLines(step.sql).split("\n");
  return [
    `${number}${step.alone === true ? "alone, outside of a transaction: " : ""}${lines[0] ?? ""}`,
    ...lines.slice(1).map((line) => `     ${line}`),
  ];
}
