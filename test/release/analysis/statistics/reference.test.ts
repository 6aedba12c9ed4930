import { readFileSync } from "node:fs";
import { expect, it } from "vitest";
import type { Distribution } from "../../../../src/model/metric.ts";
import { shareBounds } from "../../../../src/release/analysis/statistics/binomial.ts";
import { quantileBounds } from "../../../../src/release/analysis/statistics/quantiles.ts";
import { differenceBounds, fisherExact } from "../../../../src/release/analysis/statistics/shares.ts";
import { studentQuantile, studentTail } from "../../../../src/release/analysis/statistics/special.ts";

/** What reference.py wrote down: 200 random inputs of each, with the answers of SciPy and statsmodels. */
interface Case {
  readonly kind: string;
  readonly a: readonly [events: number, total: number];
  readonly b: readonly [events: number, total: number];
  readonly alpha: number;
  readonly [answer: string]: unknown;
}

const { cases } = JSON.parse(readFileSync(new URL("reference.json", import.meta.url), "utf8")) as {
  cases: readonly Case[];
};

const of = (kind: string) => {
  const found = cases.filter((one) => one.kind === kind);
  expect(found).toHaveLength(200);
  return found;
};

const share = ([events, total]: Case["a"]) => ({ events, total });

/** Relative to the answer, and never finer than the precision that a probability is computed with. */
function close(is: number, wanted: unknown, relative = 1e-5, least = 1e-12): void {
  const expected = Number(wanted);
  expect(Math.abs(is - expected)).toBeLessThanOrEqual(relative * Math.abs(expected) + least);
}

it("Fisher's exact test agrees with SciPy", () => {
  for (const { a, b, p } of of("fisher")) close(fisherExact(share(a), share(b)), p);
});

it("bounds of a difference agree with the likelihood that SciPy maximises", () => {
  for (const { a, b, alpha, lower, upper } of of("difference")) {
    const bounds = differenceBounds(share(a), share(b), alpha);
    close(bounds.lower, lower, 1e-5, 1e-8);
    close(bounds.upper, upper, 1e-5, 1e-8);
  }
});

it("bounds of a share agree with statsmodels' Clopper-Pearson interval", () => {
  for (const { a, alpha, lower, upper } of of("share")) {
    const bounds = shareBounds(a[0], a[1], alpha);
    close(bounds.lower, lower);
    close(bounds.upper, upper);
  }
});

it("ranks of a quantile's bounds agree with SciPy's binomial distribution", () => {
  for (const { samples, quantile, alpha, lower, upper } of of("quantile")) {
    const count = Number(samples);
    // The value at each rank is the rank.
    const buckets = Array.from({ length: count }, (_, index) => ({
      ...{ above: index + 1, upTo: index + 1, count: 1 },
    }));
    const distribution: Distribution = { kind: "distribution", buckets };
    const bounds = quantileBounds(distribution, Number(quantile), alpha);
    expect(bounds.lower).toBe(lower);
    expect(bounds.upper).toBe(upper === count + 1 ? Infinity : upper);
  }
});

it("Student's t agrees with SciPy", () => {
  for (const { t, degrees, alpha, p, q } of of("student")) {
    close(studentTail(Number(t), Number(degrees)), p);
    close(studentQuantile(1 - alpha, Number(degrees)), q);
  }
});
