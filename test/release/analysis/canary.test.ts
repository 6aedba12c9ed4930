import { beforeEach, expect, it } from "vitest";
import type { Json } from "../../../src/model/canonical-json.ts";
import type { AnalysisRecord, Limit, LimitVerdict } from "../../../src/model/metric.ts";
import { progressTo, type ProgressEvent } from "../../../src/model/progress.ts";
import { statusText } from "../../../src/report/status.ts";
import type { LedgerEvent } from "../../../src/model/ledger.ts";
import {
  abort,
  makePlan,
  planRollback,
  resume,
  rollBack,
  type Strategy,
} from "../../../src/release/release.ts";
import { forecast } from "../../../src/release/analysis/analysis.ts";
import { titleOf } from "../../../src/release/apply/titles.ts";
import { planHash } from "../../../src/release/plan/plan.ts";
import { deriveRecord, recordHtml } from "../../../src/report/record/record.ts";
import { planText } from "../../../src/report/plan.ts";
import { deploymentFindings } from "../../../src/release/verify/verify.ts";
import { failureOf } from "../../support/failure-of.ts";
import { eventClock, withVisitors } from "../../../src/testing/testing.ts";
import { analysesIn, canaryOf, deployTo, good, rollOutTo } from "../../support/simulation/canaries.ts";
import { simulationForEachTest } from "../../support/simulation/each-test.ts";

let told: ProgressEvent[];

beforeEach(() => {
  told = [];
});

const canary: Strategy = {
  kind: "canary",
  weights: [5, 25, 50, 100],
  sticky: false,
  holdSeconds: 300,
  limits: [
    { services: null, limit: { metric: "error-rate", source: null, bound: { maxIncreasePoints: 0.5 } } },
    {
      services: null,
      limit: { metric: "latency", source: null, quantile: 0.95, bound: { maxIncreasePercent: 20 } },
    },
  ],
  analysis: {
    ...{ alpha: 0.01, power: 0.9, expected: 0.001, atLeast: 100 },
    ...{ lookSeconds: 30, failedLooks: 1, sourceErrors: 4, extendSeconds: 600, whenInsufficient: "hold" },
  },
};

const here = simulationForEachTest(
  () => ({ strategy: canary, progress: progressTo((event) => told.push(event)) }),
  eventClock,
);

/** The record of the last deployment, as a page. */
function rolloutPage(events: readonly LedgerEvent[]): string {
  const id = events.findLast(({ type }) => type === "deployment-started")?.deployment ?? "";
  return recordHtml(deriveRecord(events, id, events[0]!.hash)!);
}

it("takes a good version from step to step until it serves alone", async () => {
  await rollOutTo(here, good);
  expect((await analysesIn(here)).map(({ percent, ending }) => [percent, ending])).toEqual([
    [5, "pass"],
    [25, "pass"],
    [50, "pass"],
  ]);
  expect(here.target.serving()).toEqual({ "api/0": "2222222", "api/1": "2222222" });
});

it("a rollback takes a held canary away, and leaves what is live", async () => {
  await rollOutTo(here, good, 0.4).catch(() => undefined);
  const plan = await planRollback(here.context(), { to: "" });
  expect(plan.release.version).toBe("1111111");
  expect(plan.operations.map(titleOf).slice(0, 2)).toEqual([
    "take all visitors of api back from 2222222",
    "api: drain and stop what runs beside",
  ]);
  await rollBack(here.context(), { reason: "Nobody is there to try it" });
  const [service] = (await here.target.observe()).services;
  expect(service?.weight).toBeUndefined();
  expect(service?.replicas.map(({ version, beside }) => [version, beside])).toEqual([
    ["1111111", undefined],
    ["1111111", undefined],
  ]);
  const { live, unsettled, deployments } = await here.state();
  expect(live?.release.version).toBe("1111111");
  expect(unsettled).toBeNull();
  expect(deployments.map(({ outcome }) => outcome)).toEqual(["succeeded", "abandoned", "succeeded"]);
});

it("tells whoever watches how far it is: the step, the hold, and what each look saw", async () => {
  await rollOutTo(here, good);
  const standings = told.flatMap((event) => (event.type === "rollout" ? [event.rollout] : []));
  const kinds = standings.map(({ operations, index }) => operations[index]?.kind);
  expect(new Set(kinds)).toEqual(new Set(["start-beside", "set-weight", "analyse", "take-over"]));
  expect(standings.every(({ from }) => from === "1111111")).toBe(true);
  const [begun, first, ...others] = standings.flatMap(({ hold }) => (hold === null ? [] : [hold]));
  expect(begun).toMatchObject({ looks: [], seen: [], baseline: { api: "1111111" } });
  expect(first?.looks).toHaveLength(1);
  expect(first?.seen.map(({ verdict }) => verdict?.limit.metric)).toEqual(["error-rate", "latency"]);
  expect((first?.passesAt ?? 0) - (first?.begunAt ?? 0)).toBe(300_000);
  expect((first?.endsAt ?? 0) - (first?.passesAt ?? 0)).toBe(600_000);
  const looks = (await analysesIn(here)).flatMap(({ looks: one }) => one);
  expect(others.filter(({ seen }) => seen.length > 0)).toHaveLength(looks.length - 1);
});

it("tells nothing of a rollout while it goes back", async () => {
  await failureOf(rollOutTo(here, { ...good, errors: 0.03 }));
  const tasks = told.flatMap((event) => (event.type === "started" ? [event] : []));
  const back = tasks.find(({ name }) => name.startsWith("take all visitors of api back"));
  expect(back).toBeDefined();
  expect(told.filter((event) => event.type === "rollout" && event.id === back?.id)).toEqual([]);
});

it("takes a version that fails more often back in its first step", async () => {
  const failure = await failureOf(rollOutTo(here, { ...good, errors: 0.03 }));
  expect(failure).toMatchObject({ code: "ROLLED_BACK", exitCode: 4 });
  expect(failure.message).toContain("of the visitors is worse than what serves beside it: api: ");
  expect((await analysesIn(here)).map(({ percent, ending }) => [percent, ending])).toEqual([[5, "fail"]]);
  expect(here.target.serving()).toEqual({ "api/0": "1111111", "api/1": "1111111" });
});

it.each([
  ["all requests", 1, 60],
  ["one of five requests", 0.2, 90],
])("takes a version back soon where %s fail from the middle of a long hold on", async (_, errors, within) => {
  const deployed: Date[] = [];
  const begins = () => (deployed.at(-1)?.getTime() ?? Infinity) + 240_000;
  withVisitors(here.target, here.clock, {
    perSecond: 100,
    behaviour: (version, at) =>
      version === "2222222" && at.getTime() >= begins() ? { ...good, errors } : good,
    changes: () => [begins()],
  });
  const strategy = { ...canary, holdSeconds: 900, limits: canary.limits.slice(0, 1) };
  await deployTo(here, "1111111", { strategy });
  await here.clock.sleep(600_000);
  deployed.push(here.clock.now());
  expect(await failureOf(deployTo(here, "2222222", { strategy }))).toMatchObject({ code: "ROLLED_BACK" });
  const [only, ...others] = await analysesIn(here);
  expect(others).toEqual([]);
  expect(only?.looks.filter(({ at }) => Date.parse(at) < begins()).length).toBeGreaterThan(5);
  // Long before the end of the hold, and though all the samples of the decisive look were there.
  expect(Date.parse(only?.looks.at(-1)?.at ?? "") - begins()).toBeLessThanOrEqual(1000 * within);
});

it("takes a version back soon that begins to fail while something else is waited for after the hold", async () => {
  const deployed: Date[] = [];
  const begins = () => (deployed.at(-1)?.getTime() ?? Infinity) + 600_000;
  withVisitors(here.target, here.clock, {
    perSecond: 100,
    behaviour: (version, at) =>
      version === "2222222" && at.getTime() >= begins() ? { ...good, errors: 0.2 } : good,
    changes: () => [begins()],
  });
  const p999: Limit = {
    ...{ metric: "latency", source: null, quantile: 0.999 },
    bound: { maxIncreasePercent: 1 },
  };
  const limits = [...canary.limits.slice(0, 1), { services: null, limit: p999 }];
  const strategy = { ...canary, limits, analysis: { ...canary.analysis, extendSeconds: 3600 } };
  await deployTo(here, "1111111", { strategy });
  await here.clock.sleep(600_000);
  deployed.push(here.clock.now());
  expect(await failureOf(deployTo(here, "2222222", { strategy }))).toMatchObject({ code: "ROLLED_BACK" });
  const looks = (await analysesIn(here)).at(-1)?.looks ?? [];
  expect(looks.filter(({ limits: [errors] }) => errors?.verdict === "pass").length).toBeGreaterThan(5);
  expect(Date.parse(looks.at(-1)?.at ?? "") - begins()).toBeLessThanOrEqual(120_000);
});

it("takes a version that is slower back", async () => {
  const failure = await failureOf(rollOutTo(here, { ...good, median: 70 }));
  expect(failure).toMatchObject({ code: "ROLLED_BACK", exitCode: 4 });
  expect(
    (await analysesIn(here)).at(-1)?.verdicts.map(({ limit, verdict }) => [limit.metric, verdict]),
  ).toContainEqual(["latency", "fail"]);
});

it("holds what is asked too little, and neither promotes it nor takes it back", async () => {
  const failure = await failureOf(rollOutTo(here, good, 0.4));
  expect(failure).toMatchObject({ code: "REVIEW_NEEDED", exitCode: 3 });
  expect(failure.message).toMatch(
    /^2222222 keeps its part of the visitors of local and waits for a person: not enough is known of 2222222 with 5 %/,
  );
  expect(failure.message).toMatch(/fewer than 100 never pass, and it takes \d+ to tell/);
  expect(failure.message).not.toContain("any %");
  const [service] = (await here.target.observe()).services;
  expect(service?.weight).toEqual({ version: "2222222", percent: 5, sticky: false });
});

it("asks the person whether it gets more visitors, and names what to type for each answer", async () => {
  const { remedy = "" } = await failureOf(rollOutTo(here, good, 0.4));
  const { unsettled } = await here.state();
  const asked = unsettled?.operations.find(({ state }) => state === "in review");
  const operation = `--operation ${String((asked?.index ?? 0) + 1)}`;
  expect(asked?.operation.kind).toBe("analyse");
  expect(remedy.split("\n")).toEqual([
    `Go on with it: npx fairway resume --env local --answer done ${operation}`,
    `Look again:    npx fairway resume --env local --answer not-done ${operation}`,
    'Go back:       npx fairway abort --env local --reason "..."',
  ]);
  const again = await failureOf(resume(here.context(), { answer: null }));
  expect(again).toMatchObject({ code: "REVIEW_NEEDED", exitCode: 3 });
  expect(again.message).toMatch(/^local-2 waits for a person: not enough is known of 2222222/);
  expect(again.remedy).toContain(
    `--answer done ${operation}        # it is good enough: go on with the next`,
  );
  expect(again.remedy).toContain(`--answer not-done ${operation}    # look at it again, from the beginning`);
});

it("shows what is held as held, in the progress, the status and the change record", async () => {
  await failureOf(rollOutTo(here, good, 0.4));
  const started = told.findLast(({ type }) => type === "started");
  expect(started).toMatchObject({ name: "hold at 5 % for 5 min and judge errors +0.5 points, p95 +20 %" });
  expect(told.findLast(({ type }) => type === "finished")).toMatchObject({ outcome: "held" });
  const state = await here.state();
  const observed = await here.target.observe();
  const status = { state, stopped: null, waiting: null, observed, holder: null };
  const text = statusText([status], here.clock.now(), "npx fairway");
  expect(text).toMatch(
    /keeps its part of the visitors, and waits for somebody to say whether it gets more: not/,
  );
  expect(text).toMatch(/go on: +npx fairway resume --env local --answer done --operation \d+\n/);
  expect(text).toMatch(/look again: npx fairway resume --env local --answer not-done --operation \d+\n/);
  expect(text).toMatch(/go back: +npx fairway abort --env local\n/);
  const events = await here.ledger.read({});
  const record = deriveRecord(events, "local-2", events[0]!.hash);
  expect(record?.operations.at(-1)).toMatchObject({ state: "in review" });
  expect(record?.operations.at(-1)?.observed).toMatch(
    / 0 % of \d+ requests failed.*fewer than 100 never pass/,
  );
  expect(record?.validation.find(({ kind }) => kind === "analysis")).toMatchObject({ state: "in review" });
});

it("says at each look what was seen and how much is missing, and by what a step was let pass", async () => {
  await rollOutTo(here, good);
  const looks = told.flatMap((event) => (event.type === "output" ? [event.text] : []));
  expect(looks[0]).toMatch(
    /^api: [\d.]+ % of \d+ requests failed, .* beside: .*; it takes [\d,]+ to tell; api: p95 is .*; it takes/,
  );
  const notes = told.flatMap((event) => (event.type === "note" ? [event.text] : []));
  expect(notes.filter((note) => note.startsWith("api at 5 %: "))).toHaveLength(2);
  expect(notes.filter((note) => note.startsWith("api at 50 %: "))).toHaveLength(2);
  expect(notes.join()).toMatch(/api at 25 %: p95 is [\d.]+ ms of [\d,]+ requests/);
});

it("goes on where a person says that it is good enough, and back where nobody wants it", async () => {
  await failureOf(rollOutTo(here, good, 0.4));
  const again = await failureOf(resume(here.context(), { answer: "done" }));
  expect(again).toMatchObject({ code: "REVIEW_NEEDED" });
  expect((await here.target.observe()).services[0]?.weight?.percent).toBe(25);
  await abort(here.context(), { reason: "nobody comes" }).catch(() => undefined);
  expect((await here.target.observe()).services[0]?.weight).toBeUndefined();
  expect(here.target.serving()).toEqual({ "api/0": "1111111", "api/1": "1111111" });
});

it("leaves verdicts that follow from their samples, and verify names one that was changed", async () => {
  await rollOutTo(here, good);
  const events = await here.ledger.read({});
  expect(deploymentFindings(events)).toEqual([]);
  const altered = (change: (verdict: LimitVerdict) => LimitVerdict) =>
    events.map((event): LedgerEvent => {
      const { analysis, ...payload } = event.payload as unknown as { analysis?: AnalysisRecord };
      if (analysis === undefined) return event;
      const verdicts = analysis.verdicts.map(change);
      return { ...event, payload: { ...payload, analysis: { ...analysis, verdicts } } as unknown as Json };
    });
  const whys = (change: (verdict: LimitVerdict) => LimitVerdict) =>
    deploymentFindings(altered(change)).map(({ code, why }) => `${code} ${why}`);
  expect(whys((verdict) => ({ ...verdict, verdict: "insufficient" }))).toContain(
    "VERDICT_ALTERED the verdict on error-rate of api says insufficient, and its samples say pass",
  );
  expect(whys((verdict) => ({ ...verdict, samples: verdict.samples + 1 }))[0]).toMatch(/has samples \d+/);
  expect(whys((verdict) => ({ ...verdict, rule: { ...verdict.rule, alpha: 0.5 } }))).toContain(
    "VERDICT_ALTERED the verdict on latency of api is by another rule than its plan's",
  );
  for (const rule of [{ ratio: 1 }, { spent: -1 }]) {
    expect(whys((verdict) => ({ ...verdict, rule: { ...verdict.rule, ...rule } }))).toContain(
      "VERDICT_ALTERED the verdict on error-rate of api is by another rule than its plan's",
    );
  }
  const record = (change: (analysis: AnalysisRecord) => Partial<AnalysisRecord>) =>
    deploymentFindings(
      events.map((event): LedgerEvent => {
        const { analysis, ...payload } = event.payload as unknown as { analysis?: AnalysisRecord };
        if (analysis === undefined) return event;
        return {
          ...event,
          payload: { ...payload, analysis: { ...analysis, ...change(analysis) } } as unknown as Json,
        };
      }),
    ).map(({ why }) => why);
  const twice = record(({ verdicts: [first] }) => ({ verdicts: [first!, first!] }));
  expect(twice).toContain("it says pass, and its limits do not");
  expect(new Set(record(() => ({ method: 0 })))).toEqual(
    new Set(["its verdicts are by method 0, and this version of Fairway computes by method 1"]),
  );
  expect(record(() => ({ percent: 10 }))).toContain("it is of 10 %, and its step of another part");
  expect(record(({ looks }) => ({ since: looks.at(-1)!.at }))).toContain(
    "it could pass before its hold was over",
  );
  expect(record(({ looks }) => ({ looks: looks.slice(0, -1) }))).toContain(
    "its verdicts are not those of its last look",
  );
  expect(
    whys((verdict) => ({ ...verdict, rule: { ...verdict.rule, elapsed: { before: 0, now: 1 } } })),
  ).toContain("VERDICT_ALTERED it could spend what is for later looks");
  expect(whys((verdict) => ({ ...verdict, rule: { ...verdict.rule, isLast: true } }))).toContain(
    "VERDICT_ALTERED it could spend what is for later looks",
  );
  const none = events.map((event): LedgerEvent => {
    const payload = { ...(event.payload as Record<string, Json>) };
    delete payload["analysis"];
    return { ...event, payload };
  });
  expect(deploymentFindings(none).map(({ why }) => why)).toContain(
    "it went on, and no verdict says that it may",
  );
});

it("says beforehand how many requests each step takes, and how long that is by the traffic that there is", async () => {
  withVisitors(here.target, here.clock, { perSecond: 100, behaviour: () => good });
  await deployTo(here, "1111111");
  await here.clock.sleep(600_000);
  const state = await here.state();
  const plan = await makePlan({ ...canaryOf("2222222"), after: state.lastChange }, state, here.context());
  const needs = await forecast(plan.operations, here.target, here.clock);
  expect(needs).toHaveLength(6);
  const [first] = needs;
  expect(first).toMatchObject({ percent: 5, service: "api", limit: "errors +0.5 points" });
  expect(first?.needed).toBeGreaterThan(500);
  expect(first?.perSecond).toBeGreaterThan(50);
  const text = planText(plan, planHash(plan), { gates: [], evidence: [], needs });
  expect(text).toMatch(
    /to judge it takes\n {2}5 % +api +errors \+0.5 points +[\d,]+ requests to it +\d+ (s|min) at/,
  );
});

it("takes the rate of now, of all versions of the service, and says over which time it was measured", async () => {
  const visited = withVisitors(here.target, here.clock, { perSecond: 100, behaviour: () => good });
  await deployTo(here, "1111111");
  await here.clock.sleep(600_000);
  const state = await here.state();
  const plan = await makePlan({ ...canaryOf("2222222"), after: state.lastChange }, state, here.context());
  const textOf = async (seconds: number, requests: number) => {
    const traffic = async () => {
      const all = (await visited.traffic!()).map((one) => ({ ...one, recent: { seconds, requests } }));
      return [...all, ...all.map((one) => ({ ...one, version: "0000000" }))];
    };
    const needs = await forecast(plan.operations, { ...here.target, traffic }, here.clock);
    return planText(plan, planHash(plan), { gates: [], evidence: [], needs });
  };
  expect(await textOf(295, 1475)).toContain(" at 10 a second in all in the last 5 min");
  expect(await textOf(20, 5)).toContain(" at 0.5 a second in all in the last 20 s");
  expect(await textOf(295, 0)).toContain("no request came in the last 5 min");
});

it("does not say that there is no traffic where it asks another source in the rollout only", async () => {
  withVisitors(here.target, here.clock, { perSecond: 100, behaviour: () => good });
  await deployTo(here, "1111111");
  const state = await here.state();
  const plan = await makePlan({ ...canaryOf("2222222"), after: state.lastChange }, state, here.context());
  const operations = plan.operations.map((operation) =>
    operation.kind === "analyse"
      ? {
          ...operation,
          limits: operation.limits.map(({ service, limit }) => ({
            service,
            limit: { ...limit, source: "prom" },
          })),
        }
      : operation,
  );
  const needs = await forecast(operations, here.target, here.clock);
  const text = planText(plan, planHash(plan), { gates: [], evidence: [], needs });
  expect(text).toContain("nobody knows how long: prom is asked in the rollout only");
  expect(text).not.toContain("no traffic was measured");
});

it("asks once for what the steps of a plan need, also where nothing was counted", async () => {
  await deployTo(here, "1111111");
  const state = await here.state();
  const plan = await makePlan({ ...canaryOf("2222222"), after: state.lastChange }, state, here.context());
  let asked = 0;
  const nothing = { ...here.target, traffic: () => ((asked += 1), Promise.resolve([])) };
  const needs = await forecast(plan.operations, nothing, here.clock);
  expect(needs.map(({ perSecond }) => perSecond)).toEqual(Array.from({ length: 6 }, () => null));
  // Once for each limit, however many steps there are.
  expect(asked).toBe(2);
});

it("draws the rollout: weights, looks with their intervals against the limits, and what decided", async () => {
  await failureOf(rollOutTo(here, { ...good, errors: 0.03 }));
  const page = rolloutPage(await here.ledger.read({ environment: "local" }));
  expect(page).toContain("<h2>Rollout</h2>");
  expect(page).toContain('aria-label="Weight of the new version: 5 % at');
  expect(page).toMatch(/<g class="look fail decides" tabindex="0"><title>[\d:]+ at 5 %: \d\.\d+ points/);
  expect(page).toContain("api: errors +0.5 points");
});

it("draws nothing for a release that all visitors got at once", async () => {
  await deployTo(here, "1111111");
  expect(rolloutPage(await here.ledger.read({ environment: "local" }))).not.toContain("<h2>Rollout</h2>");
});
