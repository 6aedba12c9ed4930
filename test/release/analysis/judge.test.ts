import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Distribution, Limit, LookRule, Sample } from "../../../src/model/metric.ts";
import { fewestOf, judgeLimit } from "../../../src/release/analysis/analysis.ts";
import { spentUpTo } from "../../../src/release/analysis/spending.ts";
import { propertyRuns } from "../../support/property-runs.ts";

const errors: Limit = { metric: "error-rate", source: null, bound: { maxIncreasePoints: 0.5 } };
const atMost: Limit = { metric: "error-rate", source: null, bound: { maxPercent: 1 } };
const p95: Limit = { metric: "latency", source: null, quantile: 0.95, bound: { maxIncreasePercent: 20 } };
const under: Limit = { metric: "latency", source: null, quantile: 0.95, bound: { maxMilliseconds: 200 } };
const orders: Limit = {
  ...{ metric: "value", source: "sales", name: "orders", better: "higher" },
  bound: { maxWorsePercent: 10 },
};

const rule: LookRule = {
  ...{ alpha: 0.01 / 3, spent: 0, power: 0.9, expected: 0.001, ratio: 1, atLeast: 100 },
  ...{ elapsed: { before: 0, now: 1 }, mayPass: true, isLast: true },
};

function judge(limit: Limit, next: Sample, baseline: Sample | null, fields: Partial<LookRule> = {}) {
  return judgeLimit(limit, "api", { next, baseline }, { ...rule, ...fields });
}

const counts = (events: number, total: number): Sample => ({ kind: "counts", events, total });

const exactly = (values: readonly number[]): Distribution => ({
  kind: "distribution",
  buckets: [...values].sort((a, b) => a - b).map((value) => ({ above: value, upTo: value, count: 1 })),
});

/** As many values as asked for, spread evenly around a middle. */
const around = (middle: number, many = 2000) =>
  exactly(Array.from({ length: many }, (_, index) => middle * (0.5 + index / many)));

describe("a share of requests", () => {
  it("passes where twice the limit would have been noticed, and where the upper bound is under it", () => {
    expect(judge(errors, counts(2, 2000), counts(2, 2000))).toMatchObject({ verdict: "pass", needed: 1792 });
    expect(judge(errors, counts(0, 1700), counts(5, 1700)).says).not.toContain("twice the limit");
  });

  it("fails only where the estimate is over the limit and no accident", () => {
    expect(judge(errors, counts(22, 2000), counts(2, 2000)).verdict).toBe("fail");
    // Over the limit, and probable where both are the same.
    expect(judge(errors, counts(3, 300), counts(1, 300)).verdict).toBe("insufficient");
    // No accident, and allowed.
    expect(judge(errors, counts(400, 100_000), counts(100, 100_000)).verdict).toBe("pass");
  });

  it("is planned with what is counted beside, where that contradicts the plan", () => {
    const { verdict, needed } = judge(errors, counts(20, 2000), counts(20, 2000));
    expect(verdict).toBe("insufficient");
    expect(needed).toBeGreaterThan(4500);
  });

  it("is compared with a number where the limit has one", () => {
    expect(judge(atMost, counts(5, 2000), null).verdict).toBe("pass");
    expect(judge(atMost, counts(60, 2000), null).verdict).toBe("fail");
    expect(judge(atMost, counts(4, 300), null).verdict).toBe("insufficient");
  });

  it("says what is missing", () => {
    expect(judge(errors, counts(0, 20), counts(0, 400)).says).toBe(
      "0 % of 20 requests failed, and 0 % of 400 beside: 0 points, at most +26.9 points; fewer than 100 never pass, and it takes 1,792 to tell",
    );
  });
});

describe("a latency", () => {
  it("is told by its quantile, with what the order of the samples says of it", () => {
    expect(judge(p95, around(50), around(50)).verdict).toBe("pass");
    expect(judge(p95, around(70), around(50))).toMatchObject({ verdict: "fail" });
    expect(judge(p95, around(60, 30), around(50, 30)).verdict).toBe("insufficient");
  });

  it("is compared with a number where the limit has one", () => {
    expect(judge(under, around(50), null).verdict).toBe("pass");
    expect(judge(under, around(400), null).verdict).toBe("fail");
  });

  it("is not known where the buckets are wider than the limit, however many requests there are", () => {
    const wide: Distribution = {
      kind: "distribution",
      buckets: [
        { above: 0, upTo: 25, count: 500_000 },
        { above: 25, upTo: 100, count: 500_000 },
      ],
    };
    const { verdict, says } = judge(p95, wide, wide);
    expect(verdict).toBe("insufficient");
    expect(says).toContain("the buckets around the p95 are too wide to tell 20 %");
  });
});

describe("any other number", () => {
  const values = (middle: number): Sample => ({
    kind: "values",
    values: Array.from({ length: 40 }, (_, index) => middle + (index % 5) - 2),
  });

  it("has a better direction", () => {
    const few = { atLeast: 20 };
    expect(judge(orders, values(100), values(100), few).verdict).toBe("pass");
    expect(judge(orders, values(120), values(100), few).verdict).toBe("pass");
    expect(judge(orders, values(80), values(100), few).verdict).toBe("fail");
  });

  it("needs twenty values, however many requests are asked for", () => {
    expect(fewestOf(orders, { atLeast: 100 })).toBe(20);
    expect(fewestOf(orders, { atLeast: 5 })).toBe(5);
    expect(fewestOf(errors, { atLeast: 100 })).toBe(100);
  });

  it("is not known from one value", () => {
    const one: Sample = { kind: "values", values: [10] };
    expect(judge(orders, one, one).verdict).toBe("insufficient");
  });
});

describe("whatever was seen", () => {
  const total = fc.integer({ min: 0, max: 1000 });
  const sample = total.chain((all) => fc.integer({ min: 0, max: all }).map((events) => counts(events, all)));

  it("too few samples of either version never pass", () => {
    const few = fc
      .integer({ min: 0, max: 99 })
      .chain((all) => fc.integer({ min: 0, max: all }).map((events) => counts(events, all)));
    fc.assert(
      fc.property(few, sample, fc.boolean(), (one, other, swapped) => {
        const [next, baseline] = swapped ? [other, one] : [one, other];
        expect(judge(errors, next, baseline).verdict).not.toBe("pass");
      }),
      propertyRuns(15),
    );
  });

  it("nothing passes before the end of a hold", () => {
    fc.assert(
      fc.property(sample, sample, (next, baseline) => {
        expect(judge(errors, next, baseline, { mayPass: false }).verdict).not.toBe("pass");
      }),
      propertyRuns(15),
    );
  });

  it("what becomes bad late in a hold, when all the samples are there already, is noticed at its end", () => {
    const during = judge(errors, counts(2, 2500), counts(2, 2500), { mayPass: false, isLast: false });
    expect(during.spent).toBeLessThanOrEqual(rule.alpha / 4);
    const atItsEnd = judge(errors, counts(60, 4000), counts(4, 4000), { spent: during.spent, isLast: false });
    expect(atItsEnd.verdict).toBe("fail");
  });

  it("what was good when all was spent, and is bad now, does not pass", () => {
    const late = judge(errors, counts(60, 4000), counts(4, 4000), { spent: rule.alpha, isLast: false });
    expect(late).toMatchObject({
      verdict: "insufficient",
      says: expect.stringContaining("it was good before, and looks worse now"),
    });
  });

  it("a verdict is the same when it is computed again from what it says it was computed from", () => {
    fc.assert(
      fc.property(sample, sample, (next, baseline) => {
        const first = judge(errors, next, baseline);
        const again = judgeLimit(first.limit, first.service, first.compared, first.rule);
        expect(again).toEqual(first);
      }),
      propertyRuns(15),
    );
  });

  describe("looks together, whenever they are, whatever they see and whatever was spent before", () => {
    const share = fc.double({ min: 0, max: 1, noNaN: true });
    const look = fc.record({ at: share, fraction: fc.double({ min: 0, max: 2, noNaN: true }) });
    const looks = fc.array(look, { minLength: 1, maxLength: 60 });

    /** What each look may spend; samples may come to be a smaller part of those that decide, as they do. */
    function spending(all: readonly { at: number; fraction: number }[], holdEnds: number, spentBefore = 0) {
      let [spent, before] = [spentBefore, 0];
      return all
        .toSorted((one, other) => one.at - other.at)
        .map(({ at, fraction }, index) => {
          const isLast = index === all.length - 1;
          const elapsed = { before, now: at };
          const mayPass = at >= holdEnds;
          const upTo = spentUpTo({ alpha: 0.01, spent, elapsed, mayPass, isLast }, fraction);
          const own = { at, fraction, isLast, mayPass, since: at - before, spends: upTo - spent };
          [spent, before] = [upTo, at];
          return { ...own, spent };
        });
    }

    it("never spend more than their step may, and never take back what was spent", () => {
      fc.assert(
        fc.property(looks, share, share, (all, holdEnds, before) => {
          const spent = spending(all, holdEnds, 0.01 * before);
          for (const { spends } of spent) expect(spends).toBeGreaterThanOrEqual(0);
          expect(spent.at(-1)?.spent).toBe(0.01);
        }),
        propertyRuns(15),
      );
    });

    it("have something to spend at any time, as much as it took to come, and leave most of it to the decisive one", () => {
      fc.assert(
        fc.property(looks, share, (all, holdEnds) => {
          let isDecided = false;
          for (const { fraction, isLast, mayPass, since, spent, spends } of spending(all, holdEnds)) {
            expect(spends).toBeGreaterThanOrEqual(0.01 * 0.125 * since * (1 - 1e-9) - 1e-15);
            const decides = isLast || (mayPass && fraction >= 1);
            if (decides && !isDecided) expect(spends).toBeGreaterThanOrEqual(0.0075 * (1 - 1e-9));
            isDecided ||= decides;
            if (!isDecided) expect(spent).toBeLessThanOrEqual(0.0025);
          }
        }),
        propertyRuns(15),
      );
    });
  });
});
