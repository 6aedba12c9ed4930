import type { Operation } from "../../../model/plan.ts";
import type { RolloutStanding } from "../../../model/rollout.ts";
import { cut } from "../format.ts";
import type { Canvas } from "./rollout.ts";

/** More is no easier to read. */
const longestBar = 40;

/** `new 4f2a9c1 40 % ████████▒▒▒▒░░░░░░░░ 60 % old 77ab310`: what the step still brings is between both. */
export function weightLine(standing: RolloutStanding, { columns, colours }: Canvas): string {
  const now = percentAt(standing);
  const next = targetOf(standing);
  const version = versionOf(standing.operations);
  const sides = (name: string, from: string) =>
    [`new ${name}${number(now)} %`, `${number(100 - now)} % old${from}`] as const;
  const whole = sides(`${version} `, standing.from === null ? "" : ` ${standing.from}`);
  for (const [[left, right], least] of [
    [whole, 12],
    [sides("", ""), 8],
  ] as const) {
    const cells = Math.min(longestBar, columns - left.length - right.length - 2);
    if (cells < least) continue;
    const full = cellsOf(now, cells);
    const more = Math.max(0, cellsOf(next, cells) - full);
    const rest = cells - full - more;
    const bar = colours.cyan("█".repeat(full) + "▒".repeat(more)) + colours.faint("░".repeat(rest));
    return `${left} ${bar} ${right}`;
  }
  return cut(`new ${number(now)} %, old ${number(100 - now)} %`, columns);
}

/** Those whose visitors are shifted; all at once, to the same share. */
export function servicesOf({ operations }: RolloutStanding): readonly string[] {
  return [...new Set(operations.flatMap((one) => (one.kind === "set-weight" ? one.services : [])))];
}

/** Of the visitors, to the new version now. */
function percentAt({ operations, index }: RolloutStanding): number {
  const last = operations.slice(0, index).findLast((one) => one.kind === "set-weight");
  return last?.percent ?? 0;
}

/** What the step is for. */
function targetOf(standing: RolloutStanding): number {
  const { operations, index } = standing;
  const kind = operations[index]?.kind;
  if (kind !== "start-beside" && kind !== "set-weight" && kind !== "smoke") return percentAt(standing);
  const next = operations.slice(index).find((one) => one.kind === "set-weight");
  return next?.percent ?? percentAt(standing);
}

function versionOf(operations: readonly Operation[]): string {
  return operations.find((one) => one.kind === "take-over")?.version ?? "";
}

/** A share that is not nothing is seen, and one that is not all is not shown as all. */
function cellsOf(percent: number, cells: number): number {
  if (percent <= 0 || percent >= 100) return percent <= 0 ? 0 : cells;
  return Math.max(1, Math.min(cells - 1, Math.round((cells * percent) / 100)));
}

function number(percent: number): string {
  return String(Number(percent.toFixed(1)));
}
