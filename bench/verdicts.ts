/**
 * `npm run bench:verdicts`: how often whole rollouts end well. A rollout has three looks with 2,000 requests of the new
 * version and as many beside, by the default alpha of 1 % a rollout and power of 90 %; 1,000 rollouts a row, always the same
 * ones (the seed is fixed). Latencies are log-normal, their logarithms with a deviation of 0.5. At the end the same with all
 * looks of a hold of 15 minutes, one a minute.
 */
import type { Distribution, Limit, LookRule, Sample } from "../src/model/metric.ts";
import { alphaOfTry, judgeLimit } from "../src/release/analysis/analysis.ts";
import { seededRandom } from "../src/testing/testing.ts";

const rollouts = 1000;
const looks = 3;
const samples = 2000;
const minutesOfHold = 15;

const random = seededRandom(20_261_121);

type Ending = "rolled back" | "promoted" | "held";

const errors: Limit = { metric: "error-rate", source: null, bound: { maxIncreasePoints: 0.5 } };

heading("errors of 5xx, a limit of 0.5 points");
for (const baseline of [0.1, 0.5, 1, 2]) {
  for (const increase of [0, 0.5, 1]) {
    const counted = (percent: number) => (): Sample => ({
      kind: "counts",
      events: binomial(samples, percent / 100),
      total: samples,
    });
    const expected = baseline / 100;
    row(`${String(baseline)} % and +${String(increase)} points`, errors, expected, {
      next: counted(baseline + increase),
      baseline: counted(baseline),
    });
  }
}

for (const quantile of [0.5, 0.95, 0.99]) {
  const limit: Limit = { metric: "latency", source: null, quantile, bound: { maxIncreasePercent: 20 } };
  heading(`latency, a limit of 20 % for the p${String(100 * quantile)}`);
  for (const slower of [0, 10, 20, 40]) {
    const measured = (factor: number) => () => logNormal(factor);
    row(`${String(slower)} % slower`, limit, 0.001, {
      next: measured(1 + slower / 100),
      baseline: measured(1),
    });
  }
}

process.stdout.write(
  "\n15 looks a hold, 0.1 % of errors               rolled back   promoted       held   minutes until then (median, 95 %)\n",
);
for (const { title, turns, share } of [
  { title: "as good as the other", turns: Infinity, share: 0 },
  { title: "+1 point", turns: 0, share: 0.01 },
  { title: "+1 point from minute 5 on", turns: 5, share: 0.01 },
  { title: "+5 points from minute 5 on", turns: 5, share: 0.05 },
  { title: "+20 points from minute 5 on", turns: 5, share: 0.2 },
  { title: "+20 points from minute 10 on", turns: 10, share: 0.2 },
  { title: "+99.9 points from minute 5 on", turns: 5, share: 0.999 },
]) {
  const ended: Record<Ending, number> = { "rolled back": 0, promoted: 0, held: 0 };
  const minutes: number[] = [];
  for (let at = 0; at < rollouts; at += 1) {
    const { ending, minute } = lookedAtOften(turns, share);
    ended[ending] += 1;
    if (ending === "rolled back") minutes.push(minute - (turns === Infinity ? 0 : turns));
  }
  const sorted = minutes.sort((one, other) => one - other);
  const quantile = (part: number) => sorted[Math.ceil(part * sorted.length) - 1];
  const found = sorted.length === 0 ? "" : `${String(quantile(0.5))}, ${String(quantile(0.95))}`;
  process.stdout.write(`${lineOf(title, ended)}   ${found}\n`);
}

/** A rollout whose version turns bad in its first hold, and is looked at each minute. */
function lookedAtOften(turns: number, share: number): { readonly ending: Ending; readonly minute: number } {
  const each = Math.floor(samples / minutesOfHold);
  for (let hold = 0; hold < looks; hold += 1) {
    let spent = 0;
    const seen = { next: 0, baseline: 0 };
    for (let minute = 1; minute <= minutesOfHold; minute += 1) {
      const isBad = hold > 0 || minute > turns;
      seen.next += binomial(each, 0.001 + (isBad && turns < Infinity ? share : 0));
      seen.baseline += binomial(each, 0.001);
      const total = minute * each;
      const counts = (events: number): Sample => ({ kind: "counts", events, total });
      // Extended for twice the hold, if need be.
      const elapsed = { before: (minute - 1) / minutesOfHold / 3, now: minute / minutesOfHold / 3 };
      const mayPass = minute === minutesOfHold;
      const { verdict, ...look } = judgeLimit(
        errors,
        "api",
        { next: counts(seen.next), baseline: counts(seen.baseline) },
        {
          ...{ alpha: alphaOfTry(0.01 / looks, 0), spent, elapsed, power: 0.9, expected: 0.001, ratio: 1 },
          ...{ atLeast: 100, mayPass, isLast: false },
        },
      );
      spent = look.spent;
      if (verdict === "fail") return { ending: "rolled back", minute: hold * minutesOfHold + minute };
      if (mayPass && verdict === "insufficient") return { ending: "held", minute: 0 };
    }
  }
  return { ending: "promoted", minute: 0 };
}

function heading(title: string): void {
  process.stdout.write(`\n${title.padEnd(46)} rolled back   promoted       held\n`);
}

function row(
  title: string,
  limit: Limit,
  expected: number,
  draw: { readonly next: () => Sample; readonly baseline: () => Sample },
): void {
  const ended: Record<Ending, number> = { "rolled back": 0, promoted: 0, held: 0 };
  for (let at = 0; at < rollouts; at += 1) ended[rollout(limit, expected, draw)] += 1;
  process.stdout.write(`${lineOf(title, ended)}\n`);
}

function lineOf(title: string, ended: Readonly<Record<Ending, number>>): string {
  const share = (ending: Ending) => `${((100 * ended[ending]) / rollouts).toFixed(1)} %`.padStart(11);
  return `${title.padEnd(46)} ${share("rolled back")}${share("promoted")}${share("held")}`;
}

/** Nothing extends a hold here: too few samples end it. */
function rollout(
  limit: Limit,
  expected: number,
  draw: { readonly next: () => Sample; readonly baseline: () => Sample },
): Ending {
  const rule: LookRule = {
    ...{ alpha: alphaOfTry(0.01 / looks, 0), spent: 0, power: 0.9, expected, ratio: 1 },
    ...{ atLeast: 100, elapsed: { before: 0, now: 1 }, mayPass: true, isLast: true },
  };
  for (let look = 0; look < looks; look += 1) {
    const compared = { next: draw.next(), baseline: draw.baseline() };
    const { verdict } = judgeLimit(limit, "api", compared, rule);
    if (verdict === "fail") return "rolled back";
    if (verdict === "insufficient") return "held";
  }
  return "promoted";
}

/** By the gaps between events, which are geometric. */
function binomial(n: number, p: number): number {
  const scale = Math.log1p(-p);
  for (let events = 0, at = 0; ; events += 1) {
    at += Math.floor(Math.log1p(-random()) / scale) + 1;
    if (at > n) return events;
  }
}

function logNormal(factor: number): Distribution {
  const values = Array.from({ length: samples }, () => 50 * factor * Math.exp(0.5 * normal()));
  const buckets = values.sort((a, b) => a - b).map((value) => ({ above: value, upTo: value, count: 1 }));
  return { kind: "distribution", buckets };
}

function normal(): number {
  return Math.sqrt(-2 * Math.log1p(-random())) * Math.cos(2 * Math.PI * random());
}
