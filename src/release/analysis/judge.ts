import { failure } from "../../model/errors.ts";
import {
  comparesWithBaseline,
  type Compared,
  type Limit,
  type LimitVerdict,
  type LookRule,
  type Sample,
} from "../../model/metric.ts";
import type { Figure } from "./figure.ts";
import { compareQuantiles, judgeQuantile } from "./judge-quantile.ts";
import { compareShares, judgeShare } from "./judge-counts.ts";
import { compareValues, judgeValues } from "./judge-values.ts";
import { spentUpTo } from "./spending.ts";
import { count } from "./words.ts";

/** Goes up when the same samples and the same rule give another verdict than before. */
export const methodOfVerdicts = 1;

/**
 * One look at one limit. Fail: the estimate is over the limit, and what was seen is too improbable for a version that is no
 * worse. Pass: the upper bound is under the limit, or so many samples were seen that twice the limit would have been noticed.
 * Anything else is insufficient, and says what is missing.
 */
export function judgeLimit(
  limit: Limit,
  service: string,
  compared: Compared,
  rule: LookRule,
): LimitVerdict & { readonly spent: number } {
  const figure = figureOf(limit, compared, rule);
  const { samples, needed, estimate, lower, upper, seen } = figure;
  const fraction = Number.isFinite(needed) && needed > 0 ? samples / needed : 0;
  const upTo = spentUpTo(rule, fraction);
  const { verdict, because } = verdictOf(figure, rule, upTo - rule.spent);
  return {
    ...{ verdict, limit, service, compared, rule, samples },
    ...{ estimate: bounded(estimate), lower: bounded(lower), upper: bounded(upper), needed: bounded(needed) },
    says: `${seen}${because}`,
    spent: upTo,
  };
}

/** JSON knows no infinity. */
function bounded(number: number | null): number | null {
  return number !== null && Number.isFinite(number) ? number : null;
}

function verdictOf(
  figure: Figure,
  rule: LookRule,
  alpha: number,
): { readonly verdict: LimitVerdict["verdict"]; readonly because: string } {
  const { samples, fewest, needed, isOver, isUnder, probability, tooCoarse } = figure;
  if (isOver && probability <= alpha) return { verdict: "fail", because: ", which is no accident" };
  const missing = missingText(figure, rule);
  if (!rule.mayPass || fewest < rule.atLeast) return { verdict: "insufficient", because: missing };
  // Looks before may have spent what a fail takes. That is no reason to call it good.
  if (isOver && probability <= rule.alpha) {
    return { verdict: "insufficient", because: "; it was good before, and looks worse now" };
  }
  if (isUnder) return { verdict: "pass", because: "" };
  if (tooCoarse !== null) return { verdict: "insufficient", because: `; ${tooCoarse}` };
  if (samples >= needed) return { verdict: "pass", because: "; twice the limit would have been noticed" };
  return { verdict: "insufficient", because: missing };
}

/** What would settle it; nothing where only the end of the hold is missing. */
function missingText({ samples, fewest, needed, isUnder }: Figure, { atLeast }: LookRule): string {
  const never = fewest < atLeast ? `; fewer than ${count(atLeast)} never pass` : "";
  if (isUnder || samples >= needed) return never;
  if (!Number.isFinite(needed)) return `${never}; no number of them would tell`;
  return `${never === "" ? "; " : `${never}, and `}it takes ${count(needed)} to tell`;
}

function figureOf(limit: Limit, { next, baseline }: Compared, rule: LookRule): Figure {
  switch (limit.metric) {
    case "error-rate": {
      const { bound } = limit;
      if (!comparesWithBaseline(bound)) return judgeShare(counts(next), bound, rule);
      return compareShares(counts(next), counts(baseline), bound.maxIncreasePoints, rule);
    }
    case "latency": {
      const { bound, quantile } = limit;
      if (!comparesWithBaseline(bound))
        return judgeQuantile(distribution(next), { quantile, ...bound }, rule);
      return compareQuantiles(distribution(next), distribution(baseline), { quantile, ...bound }, rule);
    }
    case "value":
      if (!comparesWithBaseline(limit.bound)) return judgeValues(values(next), limit, rule);
      return compareValues(values(next), values(baseline), limit, rule);
  }
}

function counts(sample: Sample | null) {
  if (sample?.kind === "counts") return sample;
  throw wrongSample(sample, "counts");
}

function distribution(sample: Sample | null) {
  if (sample?.kind === "distribution") return sample;
  throw wrongSample(sample, "a distribution");
}

function values(sample: Sample | null) {
  if (sample?.kind === "values") return sample;
  throw wrongSample(sample, "values");
}

function wrongSample(sample: Sample | null, wanted: string) {
  return failure(`a source answered ${sample?.kind ?? "nothing"} where the limit asks for ${wanted}`, {
    code: "METRIC_UNREADABLE",
    remedy: "Give the limit a source that has this figure.",
  });
}
