import type { AtMostPercent, Counts, LookRule } from "../../model/metric.ts";
import { count, percent, points } from "./words.ts";
import { samplesForShare, samplesForShares } from "./sample-size.ts";
import { decisiveAlpha } from "./spending.ts";
import { binomialAtLeast, shareBounds } from "./statistics/binomial.ts";
import { differenceBounds, fisherExact } from "./statistics/shares.ts";
import type { Figure } from "./figure.ts";

/** A share of requests of the new version beside that of the version that serves. */
export function compareShares(
  next: Counts,
  baseline: Counts,
  maxIncreasePoints: number,
  rule: LookRule,
): Figure {
  const limit = maxIncreasePoints / 100;
  const expected = expectedShare(baseline, rule.expected);
  const planned = { alpha: decisiveAlpha(rule.alpha), power: rule.power };
  const needed = samplesForShares(
    { baseline: expected, limit, ratio: ratioOf(next, baseline, rule) },
    planned,
  );
  if (next.total === 0 || baseline.total === 0) return empty(needed);
  const estimate = next.events / next.total - baseline.events / baseline.total;
  const bounds = differenceBounds(next, baseline, rule.alpha);
  return {
    samples: next.total,
    fewest: Math.min(next.total, baseline.total),
    needed,
    estimate: 100 * estimate,
    lower: 100 * bounds.lower,
    upper: 100 * bounds.upper,
    isOver: estimate > limit,
    isUnder: bounds.upper < limit,
    probability: fisherExact(next, baseline),
    seen:
      `${percent(next.events / next.total)} of ${count(next.total)} requests failed, and ` +
      `${percent(baseline.events / baseline.total)} of ${count(baseline.total)} beside: ${points(estimate)}, ` +
      `at most ${points(bounds.upper)}`,
    tooCoarse: null,
  };
}

/** The same against a number. */
export function judgeShare(next: Counts, { maxPercent }: AtMostPercent, rule: LookRule): Figure {
  const limit = maxPercent / 100;
  const needed = samplesForShare(limit, { alpha: decisiveAlpha(rule.alpha), power: rule.power });
  if (next.total === 0) return empty(needed);
  const estimate = next.events / next.total;
  const { lower, upper } = shareBounds(next.events, next.total, rule.alpha);
  return {
    samples: next.total,
    fewest: next.total,
    needed,
    ...{ estimate: 100 * estimate, lower: 100 * lower, upper: 100 * upper },
    isOver: estimate > limit,
    isUnder: upper < limit,
    probability: binomialAtLeast(next.events, next.total, limit),
    seen: `${percent(estimate)} of ${count(next.total)} requests failed, at most ${percent(upper)}`,
    tooCoarse: null,
  };
}

/** The plan's, unless what is counted beside contradicts it: then what is counted. */
function expectedShare({ events, total }: Counts, planned: number): number {
  const isContradicted = total > 0 && binomialAtLeast(events, total, planned) < 0.001;
  return isContradicted ? events / total : planned;
}

/** No more of the version that serves than there is. */
function ratioOf(next: Counts, baseline: Counts, { ratio }: LookRule): number {
  return next.total === 0 ? ratio : Math.min(ratio, baseline.total / next.total);
}

function empty(needed: number): Figure {
  return {
    ...{ samples: 0, fewest: 0, needed, estimate: null, lower: null, upper: null },
    ...{ isOver: false, isUnder: false, probability: 1, tooCoarse: null },
    seen: "no request was counted",
  };
}
