import type { LookAtLimit } from "../../../model/metric.ts";
import type { Allowed } from "../../../release/analysis/analysis.ts";

type Interval = Pick<LookAtLimit, "estimate" | "lower" | "upper">;

/** `  ├──●──┤ ┃······`: an interval beside the limit, with dots where it is forbidden. Arrows lead to what is outside; an estimate on the limit is `◆`. */
export function intervalText({ estimate, lower, upper }: Interval, allowed: Allowed, cells: number): string {
  const [from, to] = axisOf(allowed);
  const place = (value: number) => Math.round(((value - from) / (to - from)) * (cells - 1));
  const limit = place(allowed.allowed);
  const isWorse = (cell: number) => (allowed.worse === "up" ? cell > limit : cell < limit);
  const line = Array.from({ length: cells }, (_, cell): string => (isWorse(cell) ? "·" : " "));
  const put = (cell: number, sign: string) => {
    if (cell >= 0 && cell < cells) line[cell] = sign;
  };
  if (estimate !== null) {
    // Of what should be high, the upper bound of how bad it is is the lower one of the figure.
    const [left = 0, right = 0] = [lower ?? -Infinity, upper ?? Infinity].sort((a, b) => a - b).map(place);
    for (let cell = Math.max(0, left); cell <= Math.min(cells - 1, right); cell += 1) line[cell] = "─";
    put(left, "├");
    put(right, "┤");
    if (left < 0) put(0, "◂");
    if (right > cells - 1) put(cells - 1, "▸");
  }
  put(limit, "┃");
  if (estimate !== null) put(place(estimate), place(estimate) === limit ? "◆" : "●");
  return line.join("");
}

const levels = ["▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"];

/** The estimates of the last looks, on the same axis as the interval: `▃▃▄▅▅▆`. */
export function sparkline(estimates: readonly (number | null)[], allowed: Allowed, cells: number): string {
  const [from, to] = axisOf(allowed);
  return estimates
    .slice(-cells)
    .map((estimate) => {
      if (estimate === null) return " ";
      const level = Math.floor(((estimate - from) / (to - from)) * levels.length);
      return levels[Math.max(0, Math.min(levels.length - 1, level))] ?? " ";
    })
    .join("");
}

/** The same at every look, so that an interval is seen to shrink: from as good as to twice as bad as is allowed. */
function axisOf({ allowed, worse, isDifference }: Allowed): readonly [from: number, to: number] {
  const size = Math.abs(allowed) || 1;
  if (isDifference) return [allowed - 2 * size, allowed + size];
  return worse === "up" ? [allowed - size, allowed + 0.5 * size] : [allowed - 0.5 * size, allowed + size];
}
