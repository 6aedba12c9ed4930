import { expect, it } from "vitest";
import type { AnalysisRecord, Limit, MetricSource } from "../../../src/model/metric.ts";
import { failure } from "../../../src/model/errors.ts";
import type { AnalyseOperation } from "../../../src/model/plan.ts";
import { analyse, judgeLimit } from "../../../src/release/analysis/analysis.ts";
import { eventClock, simulatedTarget, withVisitors } from "../../../src/testing/testing.ts";
import { releaseOf } from "../../support/releases.ts";
import { failureOf } from "../../support/failure-of.ts";

const limit: Limit = { metric: "error-rate", source: null, bound: { maxIncreasePoints: 0.5 } };

const operation = (limits: readonly Limit[]): AnalyseOperation => ({
  ...{ kind: "analyse", version: "v2", percent: 50, holdSeconds: 60, extendSeconds: 60, lookSeconds: 10 },
  ...{ failedLooks: 1, sourceErrors: 4, whenInsufficient: "hold" },
  limits: limits.map((one) => ({ service: "api", limit: one })),
  rule: { alpha: 0.01, power: 0.9, expected: 0.001, atLeast: 100 },
});

/** Slots have these versions, v2 runs beside them and gets half of the visitors. */
async function analysed(
  slots: readonly string[],
  limits: readonly Limit[] = [limit],
  sources: ReadonlyMap<string, MetricSource> = new Map(),
) {
  const clock = eventClock();
  const target = simulatedTarget("local", { clock });
  withVisitors(target, clock, { perSecond: 200, behaviour: () => ({ errors: 0.001, median: 50 }) });
  const records: AnalysisRecord[] = [];
  const context = {
    ...{ fencingToken: 1, operationId: "local-1/0/1", secrets: {}, signal: new AbortController().signal },
    report: () => undefined,
  };
  for (const [index, version] of slots.entries()) {
    const release = releaseOf(version, ["api"]);
    await target.apply({ kind: "replace-replica", service: "api", index, version }, release, context);
  }
  const release = releaseOf("v2", ["api"]);
  await target.apply({ kind: "start-beside", service: "api", version: "v2", replicas: 1 }, release, context);
  const weight = { version: "v2", services: ["api"], percent: 50, sticky: false };
  await target.apply({ kind: "set-weight", ...weight }, release, context);
  const ending = analyse(operation(limits), {
    ...context,
    ...{ target, clock, sources, record: (record) => void records.push(record) },
    ...{ watched: () => undefined, spentBefore: [], looked: async () => undefined },
  });
  return { ending, records, clock };
}

it("what is compared with is never the version that is judged, whatever most of the slots have", async () => {
  const { ending, records } = await analysed(["v2", "v2", "v1"]);
  await ending;
  expect(records.map(({ baseline }) => baseline)).toEqual([{ api: "v1" }]);
});

it("where only the judged version serves there is nothing to compare it with", async () => {
  const { ending } = await analysed(["v2", "v2"]);
  expect(await failureOf(ending)).toMatchObject({ code: "ANALYSIS_FAILED" });
});

it("what no limit judges does not pass, and waits for a person", async () => {
  const { ending, records } = await analysed(["v1"], []);
  expect(await failureOf(ending)).toMatchObject({ code: "REVIEW_NEEDED", exitCode: 3 });
  expect(records.map(({ ending: how, because }) => [how, because])).toEqual([
    ["insufficient", "nothing judges it"],
  ]);
});

it.each([
  ["with a number", { worst: 10 }],
  ["with what serves", { maxWorsePercent: 5 }],
])(
  "a value that is the same at two looks is no accident only once there are enough of it, compared %s",
  (_, bound) => {
    const judged: Limit = { metric: "value", source: "figures", name: "queue", better: "lower", bound };
    const rule = {
      ...{ alpha: 0.01, spent: 0, power: 0.9, expected: 0.001, ratio: 1, atLeast: 20 },
      ...{ elapsed: { before: 0, now: 0.1 }, mayPass: false, isLast: false },
    };
    const verdictOf = (count: number) => {
      const values = (value: number) => ({
        kind: "values" as const,
        values: Array<number>(count).fill(value),
      });
      return judgeLimit(judged, "api", { next: values(11.1), baseline: values(10) }, rule).verdict;
    };
    expect([2, 3, 19, 20].map(verdictOf)).toEqual(["insufficient", "insufficient", "insufficient", "fail"]);
  },
);

it("a hold begins when something is counted, and not while its source does not answer", async () => {
  let tries = 0;
  let asked = 0;
  const late: MetricSource = {
    kind: "late",
    watch: async () => {
      tries += 1;
      if (tries <= 3) throw failure("it does not answer", { code: "METRIC_UNREADABLE" });
      return { read: async () => ({ kind: "counts", events: 0, total: 1_000 * (asked += 1) }) };
    },
  };
  const ofLate: Limit = { metric: "error-rate", source: "late", bound: { maxPercent: 5 } };
  const { ending, records, clock } = await analysed(["v1"], [ofLate], new Map([["late", late]]));
  const begun = clock.now().getTime();
  await ending;
  // Three looks of waiting for it, and a hold of six.
  const saw = (records[0]?.looks ?? []).map(({ limits: [seen = null] }) => seen?.verdict ?? "nothing");
  expect(saw.slice(0, 4)).toEqual(["nothing", "nothing", "nothing", "insufficient"]);
  expect(saw).toHaveLength(9);
  expect(clock.now().getTime() - begun).toBe(90_000);
});
