import type { RolloutStanding } from "../../../model/rollout.ts";
import { colours, type Colours } from "../../terminal.ts";
import { cut } from "../format.ts";
import { limitTable } from "./limits.ts";
import { stepsLine } from "./steps.ts";
import { servicesOf, weightLine } from "./weights.ts";

export interface Canvas {
  /** A line has no more. */
  readonly columns: number;
  /** Milliseconds since 1970. */
  readonly nowMs: number;
  readonly colours: Colours;
}

/** With less room lines are cut, and have no colours. */
const narrowest = 40;

/** The longest name of a service that is shown whole. */
const longestName = 16;

/**
 * A rollout as it is at this moment: its steps and what is left of the hold, and for each service the visitors of both
 * versions and what was seen of each limit at the last look. Words and numbers say all that colours and bars do.
 */
export function rolloutLines(standing: RolloutStanding, canvas: Canvas): string[] {
  if (canvas.columns >= narrowest) return linesOf(standing, canvas);
  const plain = linesOf(standing, { ...canvas, columns: narrowest, colours: colours(false) });
  return plain.map((line) => cut(line, canvas.columns));
}

function linesOf(standing: RolloutStanding, canvas: Canvas): string[] {
  const { columns } = canvas;
  const { hold } = standing;
  const services = servicesOf(standing);
  const width = Math.min(longestName, Math.max(5, ...services.map((name) => name.length)));
  const inner: Canvas = { ...canvas, columns: columns - width - 2 };
  const labelled = (label: string, lines: readonly string[]) =>
    lines.map((line, index) => `${(index === 0 ? cut(label, width) : "").padEnd(width)}  ${line}`.trimEnd());
  const tables = limitTable(standing, { ...canvas, columns: columns - 2 });
  return [
    ...labelled("steps", stepsLine(standing, inner)),
    ...services.flatMap((service) => [
      ...labelled(service, [weightLine(standing, inner)]),
      ...(tables.get(service) ?? []).map((line) => `  ${line}`),
    ]),
    ...(hold === null || hold.sick === null ? [] : [canvas.colours.red(cut(`! ${hold.sick}`, columns))]),
  ];
}
