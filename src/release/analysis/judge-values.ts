import type { LookRule, ValueLimit, Values } from "../../model/metric.ts";
import type { Figure } from "./figure.ts";
import { samplesForSpread } from "./sample-size.ts";
import { decisiveAlpha } from "./spending.ts";
import { studentQuantile, studentTail } from "./statistics/special.ts";
import { change, count, digits } from "./words.ts";

/** Values of both versions that were asked for at the same time are compared as pairs, by Student's t. */
export function compareValues(next: Values, baseline: Values, limit: ValueLimit, rule: LookRule): Figure {
  const pairs = next.values.flatMap((value, index) => {
    const other = baseline.values[index];
    if (value === null || other === undefined || other === null || other === 0) return [];
    return [worseBy(limit, (value - other) / Math.abs(other))];
  });
  const allowed = "maxWorsePercent" in limit.bound ? limit.bound.maxWorsePercent / 100 : 0;
  return figureOf(pairs, { allowed, worst: 2 * allowed, zero: 0 }, rule, {
    unit: (number) => change(number),
    scale: 100,
    seen: `${limit.name} is worse`,
    beside: " than beside it",
  });
}

/** The same against a number. */
export function judgeValues(next: Values, limit: ValueLimit, rule: LookRule): Figure {
  const worst = "worst" in limit.bound ? worseBy(limit, limit.bound.worst) : 0;
  const values = next.values.flatMap((value) => (value === null ? [] : [worseBy(limit, value)]));
  return figureOf(values, { allowed: worst, worst: worst + Math.abs(worst), zero: worst }, rule, {
    unit: (number) => digits(worseBy(limit, number)),
    scale: limit.better === "lower" ? 1 : -1,
    seen: `${limit.name} is`,
    beside: "",
  });
}

/** Larger is worse from here on. */
function worseBy({ better }: ValueLimit, number: number): number {
  return better === "lower" ? number : -number;
}

function figureOf(
  values: readonly number[],
  { allowed, worst, zero }: { readonly allowed: number; readonly worst: number; readonly zero: number },
  rule: LookRule,
  words: { unit: (number: number) => string; scale: number; seen: string; beside: string },
): Figure {
  const samples = values.length;
  const mean = values.reduce((sum, value) => sum + value, 0) / Math.max(1, samples);
  const deviation = Math.sqrt(
    values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / Math.max(1, samples - 1),
  );
  const base = { samples, fewest: samples, tooCoarse: null };
  if (samples < 2) {
    return {
      ...base,
      ...{ needed: rule.atLeast, estimate: null, lower: null, upper: null },
      ...{ isOver: false, isUnder: false, probability: 1, seen: `${count(samples)} values were read` },
    };
  }
  const error = deviation / Math.sqrt(samples);
  // The same number again and again is one that is not measured anew so soon: two of them tell what one does.
  const isOne = error <= 1e-12 * Math.abs(mean);
  const reach = studentQuantile(1 - rule.alpha, samples - 1) * error;
  const planned = { alpha: decisiveAlpha(rule.alpha), power: rule.power };
  const spread = { spread: deviation, limit: allowed - zero, worse: worst - zero };
  const upper = mean + reach;
  return {
    ...base,
    needed: Math.max(rule.atLeast, worst > zero ? samplesForSpread(spread, planned) : Infinity),
    ...{ estimate: words.scale * mean, lower: words.scale * (mean - reach), upper: words.scale * upper },
    isOver: mean > allowed,
    isUnder: upper < allowed,
    probability: isOne
      ? mean > zero && samples >= rule.atLeast
        ? 0
        : 1
      : studentTail((mean - zero) / error, samples - 1),
    seen: `${words.seen} ${words.unit(mean)}${words.beside} (${count(samples)} values, at worst ${words.unit(upper)})`,
  };
}
