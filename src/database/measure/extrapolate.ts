import {
  best,
  type Growth,
  fitting,
  type GrowthOptions,
  growthOf,
  type Point,
  shape,
  spread,
} from "./growth.ts";

/** What a figure is to be expected at on the real table: never one number. */
export type Estimate =
  | {
      readonly verdict: "range";
      readonly growth: Growth;
      readonly low: number;
      readonly high: number;
    }
  /** It does not happen at all, whatever the size. */
  | { readonly verdict: "none" }
  | {
      readonly verdict: "insufficient";
      readonly reason: string;
      /** What it is at least, where that much is known. */
      readonly low?: number;
    };

/** A range of more than an order of magnitude says nothing. */
const widest = 10;

/**
 * The range that the lines and n log n curves through pairs of the sizes reach at so many rows, each moved by the noise.
 * @param rows of the real table; null where they are not known, which does not matter to what is constant
 */
export function extrapolate(
  points: readonly Point[],
  rows: number | null,
  options: GrowthOptions & { readonly unknownRows: string },
): Estimate {
  const found = growthOf(points, options);
  if (!found.known) return { verdict: "insufficient", reason: found.reason };
  const { growth, noise } = found;
  const values = points.map(best);
  if (growth === "constant") {
    const high = Math.max(...points.flatMap((point) => point.values)) + noise;
    return { verdict: "range", growth, low: Math.min(...values), high };
  }
  if (rows === null) return { verdict: "insufficient", reason: options.unknownRows };
  const reached = fitting(points, noise).flatMap((kind) =>
    reach(points, rows, noise, (at) => shape(kind, at)),
  );
  const { first, last } = spread(points);
  const least = rows >= (last?.rows ?? 0) ? last : rows >= (first?.rows ?? 0) ? first : undefined;
  const low = Math.max(Math.min(...reached), least === undefined ? 0 : best(least));
  const high = Math.max(...reached, low + noise);
  if (rows > (last?.rows ?? 0) && high > low * widest)
    return {
      verdict: "insufficient",
      low,
      reason: `the sizes leave anything from ${options.format(low)} to ${options.format(high)}: the noise is ${options.format(noise)}`,
    };
  return { verdict: "range", growth, low, high };
}

/** From the nearest end, by the steepness of each pair of neighbours and of the ends. */
function reach(
  points: readonly Point[],
  rows: number,
  noise: number,
  shapeAt: (rows: number) => number,
): number[] {
  const sorted = points.toSorted((a, b) => a.rows - b.rows);
  const { first, last } = spread(sorted);
  if (first === undefined || last === undefined) return [];
  const from = rows < (first.rows + last.rows) / 2 ? first : last;
  const distance = shapeAt(rows) - shapeAt(from.rows);
  const length = shapeAt(last.rows) - shapeAt(first.rows);
  const drift = noise * (1 + Math.abs(distance) / length);
  const pairs = [...sorted.slice(1).map((point, at) => [sorted[at], point] as const), [first, last] as const];
  return pairs.flatMap(([a, b]) => {
    if (a === undefined) return [];
    const steepness = (best(b) - best(a)) / (shapeAt(b.rows) - shapeAt(a.rows));
    const reached = best(from) + steepness * distance;
    return [reached - drift, reached + drift];
  });
}
