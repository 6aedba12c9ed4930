import { describe, expect, it } from "vitest";
import fc from "fast-check";
import { extrapolate } from "../../../src/database/measure/extrapolate.ts";
import { type GrowthOptions, growthOf, type Point } from "../../../src/database/measure/growth.ts";
import { propertyRuns } from "../../support/property-runs.ts";

const sizes = [12_500, 50_000, 200_000];
const options = {
  floor: 2,
  goesThroughRows: true,
  format: (value: number) => `${value.toFixed(1)} ms`,
  unknownRows: "how many rows there are is not known of orders",
} satisfies GrowthOptions & { unknownRows: string };
const still = { ...options, goesThroughRows: false };

/** A figure at each size; each run adds its own disturbance. */
const points = (figure: (rows: number) => number, disturbances: readonly number[] = [0, 0]): Point[] =>
  sizes.map((rows) => ({ rows, values: disturbances.map((more) => figure(rows) + more) }));
const linear = (rows: number) => 5 + rows / 1000;
const curve = (rows: number) => (rows * Math.log2(rows)) / 20_000;

describe("the growth of three sizes", () => {
  it.each([
    ["constant", () => 4, still],
    ["linear", linear, options],
    ["n log n", curve, { ...options, floor: 0.1 }],
  ] as const)("is found to be %s", (growth, figure, given) => {
    expect(growthOf(points(figure), given)).toMatchObject({ known: true, growth });
  });

  it("counts the best run of each size, as other work of the machine can only add", () => {
    const disturbed = points(linear, [300, 0, 1]);
    expect(growthOf(disturbed, options)).toMatchObject({ known: true, growth: "linear" });
  });

  it("is constant where no table has rows", () => {
    const same = sizes.map((_, at) => ({ rows: 0, values: [1 + at / 10, 2] }));
    expect(growthOf(same, options)).toMatchObject({ growth: "constant" });
  });

  it.each([
    ["a square", (rows: number) => (rows / 10_000) ** 2 * 10, /do not agree/],
    ["a jump after the first", (rows: number) => (rows > 20_000 ? 100 : 1), /do not agree/],
    ["a hill", (rows: number) => (rows === 50_000 ? 90 : 1), /do not agree/],
    ["a fall", (rows: number) => 2e6 / rows, /took more on a smaller table/],
  ])("is not known of %s, with the figures in the reason", (_, figure, reason) => {
    const found = growthOf(points(figure), still);
    expect(found).toMatchObject({ known: false, reason: expect.stringMatching(reason) as string });
    expect(found).toMatchObject({
      reason: expect.stringContaining("12,500, 50,000, 200,000 rows") as string,
    });
  });

  it("is not constant for what goes through the rows so fast that the noise hides it", () => {
    expect(
      growthOf(
        points((rows) => 3 + rows / 200_000),
        options,
      ),
    ).toMatchObject({
      known: false,
      reason: expect.stringMatching(/goes through the rows, .* the noise of 2.0 ms/) as string,
    });
  });

  it("is not constant where it cannot be told whether it goes through the rows", () => {
    const unclear = { ...options, goesThroughRows: null };
    expect(
      growthOf(
        points(() => 3),
        unclear,
      ),
    ).toMatchObject({ known: false });
    expect(growthOf(points(linear), unclear)).toMatchObject({ growth: "linear" });
  });

  it("is not known where the runs of one size differ by more than the sizes do", () => {
    expect(growthOf(points(linear, [0, 150]), options)).toMatchObject({
      known: false,
      reason: expect.stringMatching(/noise of 150.0 ms/) as string,
    });
  });

  it.each([
    ["two sizes", [sizes[0], sizes[2]], /three sizes, and there are 2/],
    ["sizes that are too near", [1000, 1500, 2000], /1,000 and 2,000 rows are too near/],
  ])("is not known from %s", (_, rows, reason) => {
    const few = rows.map((count = 0) => ({ rows: count, values: [count, count] }));
    expect(growthOf(few, options)).toMatchObject({
      known: false,
      reason: expect.stringMatching(reason) as string,
    });
  });
});

describe("the figure of the real table", () => {
  const real = 40_000_000;

  it.each([
    ["a line", linear],
    ["a curve", curve],
    ["a line with noise", (rows: number) => linear(rows) + (rows === 50_000 ? 6 : 0)],
  ])("is a range around what %s reaches, and never one number", (_, figure) => {
    const estimate = extrapolate(points(figure, [0, 1]), real, options);
    if (estimate.verdict !== "range") throw new Error(JSON.stringify(estimate));
    expect(estimate.low).toBeLessThan(figure(real));
    expect(estimate.high).toBeGreaterThan(figure(real));
    expect(estimate.high).toBeLessThan(figure(real) * 3);
  });

  it("holds the truth for every line and curve whose runs differ by no more than their noise", () => {
    const steepness = fc.double({ min: 0.0005, max: 0.01, noNaN: true });
    const disturbance = fc.double({ min: 0, max: 1, noNaN: true });
    const given = fc.tuple(steepness, fc.boolean(), fc.array(disturbance, { minLength: 3, maxLength: 3 }));
    fc.assert(
      fc.property(given, fc.integer({ min: 250_000, max: 1e9 }), ([steep, straight, more], rows) => {
        const figure = (at: number) => (straight ? at * steep : (at * Math.log2(at) * steep) / 15);
        const disturbed = sizes.map((at, index) => ({
          rows: at,
          values: [figure(at) + (more[index] ?? 0), figure(at) + 1],
        }));
        const estimate = extrapolate(disturbed, rows, options);
        if (estimate.verdict === "insufficient") return;
        if (estimate.verdict !== "range") throw new Error(JSON.stringify(estimate));
        expect(estimate.low).toBeLessThanOrEqual(figure(rows));
        expect(estimate.high).toBeGreaterThanOrEqual(figure(rows));
      }),
      propertyRuns(200),
    );
  });

  it("is what was measured where it is constant, whether its size is known or not", () => {
    const estimate = extrapolate(
      points(() => 4, [0, 1, 3]),
      null,
      still,
    );
    expect(estimate).toEqual({ verdict: "range", growth: "constant", low: 4, high: 9 });
  });

  it("is insufficient where it grows and its size is not known", () => {
    expect(extrapolate(points(linear), null, options)).toEqual({
      verdict: "insufficient",
      reason: options.unknownRows,
    });
  });

  it("lies among the measured ones for a table that is smaller than those", () => {
    const estimate = extrapolate(points(linear), 100_000, options);
    if (estimate.verdict !== "range") throw new Error(JSON.stringify(estimate));
    expect(estimate.low).toBeGreaterThanOrEqual(linear(12_500));
    expect(estimate.low).toBeLessThan(linear(100_000));
    expect(estimate.high).toBeGreaterThan(linear(100_000));
  });

  it("is insufficient where the noise leaves more than an order of magnitude open", () => {
    const estimate = extrapolate(
      points((rows) => (rows === 200_000 ? 60 : 10), [0, 20]),
      real,
      options,
    );
    expect(estimate).toMatchObject({
      verdict: "insufficient",
      reason: expect.stringMatching(/the noise/) as string,
    });
  });
});
