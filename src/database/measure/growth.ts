/** How a figure grows with the rows of a table. */
export type Growth = "constant" | "linear" | "n log n";

/** The same figure of several runs at one size. */
export interface Point {
  readonly rows: number;
  readonly values: readonly number[];
}

export type GrowthFound =
  | { readonly known: true; readonly growth: Growth; readonly noise: number }
  | { readonly known: false; readonly reason: string };

export interface GrowthOptions {
  /** What two runs may differ by and be the same: a clock's and a scheduler's doing. */
  readonly floor: number;
  /** Whether the statement is known to go through the rows: then what does not grow is hidden by noise. Null where that cannot be told. */
  readonly goesThroughRows: boolean | null;
  /** Writes a figure for people. */
  readonly format: (value: number) => string;
}

/**
 * Decides from three sizes or more: the smallest and the largest say whether it grows at all, those between whether as a line
 * does or as n log n. Each size counts with its best run, as other work of the machine can only add; the noise is what the two
 * best runs differ by.
 */
export function growthOf(points: readonly Point[], options: GrowthOptions): GrowthFound {
  const { first, last, between } = spread(points);
  if (first === undefined || last === undefined || between.length === 0)
    return unknown(`growth takes figures at three sizes, and there are ${String(points.length)}`);
  const noise = noiseOf(points, options.floor);
  // It locks no table that has rows: there is nothing to grow with.
  if (last.rows === 0) return { known: true, growth: "constant", noise };
  if (last.rows < first.rows * 4)
    return unknown(`${count(first.rows)} and ${count(last.rows)} rows are too near to each other`);
  const signal = best(last) - best(first);
  const figures = points.map((point) => options.format(best(point))).join(", ");
  const about = `${figures} at ${points.map(({ rows }) => count(rows)).join(", ")} rows`;
  if (signal < -2 * noise) return unknown(`it took more on a smaller table: ${about}`);
  if (signal <= 2 * noise) return withoutSignal(points, noise, about, options);
  const wrong = between.find(
    (point) => !isBetween(shareOf(point, first, last), point, first, last, noise / signal),
  );
  if (wrong !== undefined) return unknown(`the sizes do not agree on a growth: ${about}`);
  return { known: true, growth: nearest(between, first, last, noise), noise };
}

function withoutSignal(
  points: readonly Point[],
  noise: number,
  about: string,
  { goesThroughRows, format }: GrowthOptions,
): GrowthFound {
  const within = `the noise of ${format(noise)}`;
  const values = points.map(best);
  if (Math.max(...values) - Math.min(...values) > 2 * noise)
    return unknown(`the sizes do not agree on a growth: ${about}`);
  if (goesThroughRows === null)
    return unknown(`whether it goes through the rows is not known: ${about}, within ${within}`);
  if (goesThroughRows)
    return unknown(`it goes through the rows, and how it grows is within ${within}: ${about}`);
  return { known: true, growth: "constant", noise };
}

/** Its place between the first and the last. */
function shareOf(point: Point, first: Point, last: Point): number {
  return (best(point) - best(first)) / (best(last) - best(first));
}

/** Caches that a large table no longer fits in bend the line; a figure that grows as the square is far outside. */
const bend = 0.09;

function isBetween(share: number, point: Point, first: Point, last: Point, noise: number): boolean {
  const slack = bend + 2 * noise;
  const shares = growing.map((shape) => shapeShare(shape, point.rows, first.rows, last.rows));
  return share >= Math.min(...shares) - slack && share <= Math.max(...shares) + slack;
}

function nearest(between: readonly Point[], first: Point, last: Point, noise: number): Growth {
  const away = (growth: (typeof growing)[number]) =>
    between.reduce(
      (sum, point) =>
        sum + Math.abs(shareOf(point, first, last) - shapeShare(growth, point.rows, first.rows, last.rows)),
      0,
    );
  const difference = (away("linear") - away("n log n")) * (best(last) - best(first));
  return difference > 2 * noise ? "n log n" : "linear";
}

/** The shapes that all sizes are on but for the noise; both where they are on neither. */
export function fitting(points: readonly Point[], noise: number): readonly (typeof growing)[number][] {
  const { first, last, between } = spread(points);
  if (first === undefined || last === undefined) return growing;
  const signal = best(last) - best(first);
  const fits = growing.filter((growth) =>
    between.every((point) => {
      const expected = shapeShare(growth, point.rows, first.rows, last.rows);
      return Math.abs(shareOf(point, first, last) - expected) * signal <= 2 * noise;
    }),
  );
  return fits.length === 0 ? growing : fits;
}

const growing = ["linear", "n log n"] as const;

/** The figure's shape over the rows, without its factor. */
export function shape(growth: (typeof growing)[number], rows: number): number {
  return growth === "linear" ? rows : rows * Math.log2(Math.max(rows, 2));
}

function shapeShare(growth: (typeof growing)[number], rows: number, first: number, last: number): number {
  return (shape(growth, rows) - shape(growth, first)) / (shape(growth, last) - shape(growth, first));
}

export function best({ values }: Point): number {
  return Math.min(...values);
}

/** With one run at each size only, a quarter of the figure. */
function noiseOf(points: readonly Point[], floor: number): number {
  const differences = points.map(({ values }) => {
    const [low = 0, next] = values.toSorted((a, b) => a - b);
    return next === undefined ? low / 4 : next - low;
  });
  return Math.max(floor, ...differences);
}

export function spread(points: readonly Point[]): {
  first: Point | undefined;
  last: Point | undefined;
  between: readonly Point[];
} {
  const sorted = points.toSorted((a, b) => a.rows - b.rows);
  return {
    first: sorted[0],
    last: sorted.length > 1 ? sorted.at(-1) : undefined,
    between: sorted.slice(1, -1),
  };
}

function unknown(reason: string): GrowthFound {
  return { known: false, reason };
}

function count(rows: number): string {
  return rows.toLocaleString("en-US");
}
