import { canonicalJson, type Json } from "../../model/canonical-json.ts";
import type { AnalysisRecord, LimitVerdict } from "../../model/metric.ts";
import type { AnalyseOperation, JudgedLimit } from "../../model/plan.ts";
import type { LedgerEvent } from "../../model/ledger.ts";
import {
  alphaOfTry,
  fewestOf,
  judgeLimit,
  methodOfVerdicts,
  spentBy,
  triesOf,
} from "../analysis/analysis.ts";
import { eventName, fieldsOf, isFields, type Fields, type Finding } from "./finding.ts";

/** Whether each verdict follows from the samples beside it, by the rule of its plan; and each step forward from a pass. */
export function verdictFindings(events: readonly LedgerEvent[]): readonly Finding[] {
  const answered = new Set<number>();
  return events.flatMap((event, place): Finding[] => {
    const { operation, wayBack, index, analysis, answer } = fieldsOf(event);
    if (!isFields(operation) || operation["kind"] !== "analyse" || wayBack === true) return [];
    if (event.type === "operation-answered" && answer === "done") answered.add(Number(index));
    if (!["operation-finished", "operation-failed", "review-requested"].includes(event.type)) return [];
    const altered = (why: string): Finding => ({ code: "VERDICT_ALTERED", place: eventName(event), why });
    const goesOn = event.type === "operation-finished";
    if (!isFields(analysis)) {
      return goesOn && !answered.has(Number(index))
        ? [altered("it went on, and no verdict says that it may")]
        : [];
    }
    if (analysis["method"] !== methodOfVerdicts) {
      const why = `its verdicts are by method ${String(analysis["method"])}, and this version of Fairway computes by method ${String(methodOfVerdicts)}`;
      return [{ code: "VERDICT_UNCHECKED", place: eventName(event), why }];
    }
    const tries = triesOf(events.slice(0, place), Number(index));
    const wrong = whatIsWrong(operation, analysis, tries);
    const said = goesOn && analysis["ending"] !== "pass" ? ["it went on without a pass"] : [];
    return [...wrong, ...said].map(altered);
  });
}

type Tries = ReturnType<typeof triesOf>;

/** What anybody wrote there may have any shape: what cannot be computed again is no verdict. */
function whatIsWrong(operation: Fields, analysis: Fields, tries: Tries): readonly string[] {
  const record = analysis as unknown as AnalysisRecord;
  const planned = operation as unknown as AnalyseOperation;
  try {
    const each = [
      ...(same(record.looks, tries.at(-1))
        ? []
        : ["its looks are not those that were written down one by one"]),
      ...record.verdicts.flatMap((verdict) => differences(planned, verdict, tries)),
      ...otherLook(planned, record),
    ];
    const all = record.verdicts.map(({ verdict }) => verdict);
    const isJudged = (limit: JudgedLimit) =>
      record.verdicts.filter((verdict) => isOf(limit, verdict)).length === 1;
    const passes = planned.limits.every(isJudged) && all.every((verdict) => verdict === "pass");
    if (record.ending === "pass" && !(passes && all.length > 0)) {
      return [...each, "it says pass, and its limits do not"];
    }
    if (record.ending === "fail" && record.because === null && !all.includes("fail")) {
      return [...each, "it says fail, and none of its limits does"];
    }
    return each;
  } catch (error) {
    return [
      `its verdicts cannot be computed again: ${error instanceof Error ? error.message : String(error)}`,
    ];
  }
}

/** Whether it is of this step, and its last look is the one that the verdicts are of. */
function otherLook(planned: AnalyseOperation, { since, percent, looks, verdicts }: AnalysisRecord): string[] {
  const last = looks.at(-1);
  const briefs = verdicts.map(({ verdict, estimate, lower, upper, samples, needed }) => ({
    ...{ verdict, estimate, lower, upper, samples, needed },
  }));
  const heldMs = Date.parse(last?.at ?? "") - Date.parse(since);
  // Clocks can be set back: what went by until some look went by.
  const reachedMs = Math.max(...looks.map(({ at }) => Date.parse(at))) - Date.parse(since);
  const longestMs = 1000 * (planned.holdSeconds + planned.extendSeconds);
  const isLate = verdicts.some(
    ({ rule: { elapsed, isLast } }) =>
      !(elapsed.before >= 0 && elapsed.before <= elapsed.now && elapsed.now <= 1) ||
      !(reachedMs >= longestMs * (isLast ? 1 : elapsed.now) - 1),
  );
  const isEarly = verdicts.some(({ rule }) => rule.mayPass) && !(heldMs >= 1000 * planned.holdSeconds);
  return [
    ...(percent === planned.percent ? [] : [`it is of ${String(percent)} %, and its step of another part`]),
    ...(same(last?.limits.filter((limit) => limit !== null) ?? [], briefs)
      ? []
      : ["its verdicts are not those of its last look"]),
    ...(isLate ? ["it could spend what is for later looks"] : []),
    ...(isEarly ? ["it could pass before its hold was over"] : []),
  ];
}

function isOf({ service, limit }: JudgedLimit, verdict: LimitVerdict): boolean {
  return same({ service, limit }, { service: verdict.service, limit: verdict.limit });
}

function differences(planned: AnalyseOperation, verdict: LimitVerdict, tries: Tries): readonly string[] {
  const { limit, service, compared, rule } = verdict;
  const name = `the verdict on ${limit.metric} of ${service}`;
  const at = planned.limits.findIndex((one) => isOf(one, verdict));
  if (at < 0) return [`${name} is of no limit of its plan`];
  const { power, expected } = planned.rule;
  const before = spentBy(tries.slice(0, -1), planned.limits.length)[at] ?? 0;
  const [spent = 0] = spentBy([tries.at(-1)?.slice(0, -1) ?? []], planned.limits.length).slice(at);
  const isByRule =
    rule.alpha === alphaOfTry(planned.rule.alpha, before) &&
    rule.spent === spent &&
    rule.power === power &&
    rule.ratio === (100 - planned.percent) / planned.percent &&
    rule.atLeast === fewestOf(limit, planned.rule) &&
    rule.expected >= expected;
  if (!isByRule) return [`${name} is by another rule than its plan's`];
  const again = judgeLimit(limit, service, compared, rule);
  const numbers = (["estimate", "lower", "upper", "samples", "needed"] as const).filter(
    (key) => !isClose(again[key], verdict[key]),
  );
  const [first] = numbers;
  if (again.verdict !== verdict.verdict) {
    return [`${name} says ${verdict.verdict}, and its samples say ${again.verdict}`];
  }
  if (first === undefined) return [];
  return [`${name} has ${first} ${String(verdict[first])}, and its samples ${String(again[first])}`];
}

/** The last digits of a logarithm are another machine's own. */
function isClose(one: number | null, other: number | null): boolean {
  if (one === null || other === null) return one === other;
  return Math.abs(one - other) <= 1e-7 * Math.max(1e-9, Math.abs(one), Math.abs(other));
}

function same(one: unknown, other: unknown): boolean {
  return canonicalJson(one as Json) === canonicalJson(other as Json);
}
