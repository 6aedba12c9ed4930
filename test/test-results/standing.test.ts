import { expect, it } from "vitest";
import { standings, testsChange, type TestsRan } from "../../src/test-results/test-results.ts";
import type { TestOutcome } from "../../src/model/test-run.ts";

const dayMs = 24 * 3_600_000;
const start = Date.parse("2026-11-02T10:00:00Z");
const sprint = { amount: 14, unit: "days" } as const;
const day = (number: number) => new Date(start + number * dayMs);

interface Run {
  readonly day: number;
  readonly version?: string;
  readonly outcome: TestOutcome;
}

/** Runs of one test over days, each of which knows what those before it wrote. */
function after(runs: readonly Run[], test = "cart > adds up") {
  const events: (TestsRan & { at: string })[] = [];
  for (const { day: at, version = `v${String(at)}`, outcome } of runs) {
    const known = standings(events, day(at), sprint);
    const change = testsChange({ results: [{ test, outcome }] }, { check: "unit", version }, known);
    if (change !== null) events.push({ ...change, at: day(at).toISOString() });
  }
  return { events, on: (number: number) => standings(events, day(number), sprint)[0] };
}

const flaky = (...days: readonly number[]): Run[] =>
  days.map((number) => ({ day: number, outcome: "flaky" }));

it("a test that always fails is broken, whatever the version; once it passes, nothing is known against it", () => {
  const runs: Run[] = [0, 1, 2, 3, 4, 5].map((number) => ({ day: number, outcome: "failed" }));
  expect(after(runs).on(5)).toMatchObject({ is: "broken", fails: true, flakyTimes: 0 });
  expect(after([...runs, { day: 6, outcome: "passed" }]).on(6)).toBeUndefined();
});

it("one that fails and passes on the same version is flaky; on another it was mended", () => {
  const failed: Run = { day: 0, version: "a", outcome: "failed" };
  const same = after([failed, { day: 1, version: "a", outcome: "passed" }]);
  expect(same.on(1)).toMatchObject({ is: "flaky", flakyTimes: 1, fails: false });
  expect(after([failed, { day: 1, version: "b", outcome: "passed" }]).on(1)).toBeUndefined();
});

it("passes of what is known to work, and skipped tests, are not written down", () => {
  expect(after([0, 1, 2].map((number) => ({ day: number, outcome: "passed" }))).events).toEqual([]);
  expect(after([{ day: 0, outcome: "skipped" }]).events).toEqual([]);
});

it("more than three times in thirty days: in quarantine, for a sprint", () => {
  expect(after(flaky(0, 5, 10)).on(10)?.quarantine).toBeUndefined();
  expect(after(flaky(0, 5, 10, 31)).on(31)?.quarantine).toBeUndefined();
  expect(after(flaky(0, 5, 10, 29)).on(30)?.quarantine).toEqual({
    ...{ since: "2026-12-01T10:00:00.000Z", until: "2026-12-15T23:59:59.999Z" },
    ...{ passed: false, cleanRuns: 0 },
  });
});

it("the deadline passes, and nothing but runs without a failure ends it", () => {
  const { on } = after(flaky(0, 1, 2, 3));
  expect(on(17)?.quarantine?.passed).toBe(false);
  expect(on(18)?.quarantine?.passed).toBe(true);
});

it("twenty runs in a row without a failure end it, and it begins again only after four more times", () => {
  const clean = (from: number, count: number): Run[] =>
    Array.from({ length: count }, (_, at) => ({ day: from + at / 10, outcome: "passed" }));
  const nearly = after([...flaky(0, 1, 2, 3), ...clean(4, 19), ...flaky(6)]);
  expect(nearly.on(6)?.quarantine?.cleanRuns).toBe(0);
  const mended = [...flaky(0, 1, 2, 3), ...clean(4, 20)];
  expect(after(mended).on(6)).toBeUndefined();
  expect(after([...mended, ...flaky(7, 8, 9)]).on(9)).toMatchObject({ flakyTimes: 3 });
  expect(after([...mended, ...flaky(7, 8, 9)]).on(9)?.quarantine).toBeUndefined();
  expect(after([...mended, ...flaky(7, 8, 9, 10)]).on(10)?.quarantine).toBeDefined();
});

it("what was not run for thirty days is forgotten", () => {
  const { on } = after(flaky(0, 1, 2, 3));
  expect(on(33)).toBeDefined();
  expect(on(34)).toBeUndefined();
  expect(after([...flaky(0, 1, 2, 3), { day: 60, outcome: "flaky" }]).on(60)).toMatchObject({
    flakyTimes: 1,
  });
});

it("a check as a whole is flaky, and never in quarantine: what is in it is not known", () => {
  expect(after(flaky(0, 1, 2, 3, 4), "").on(4)).toMatchObject({ flakyTimes: 5 });
  expect(after(flaky(0, 1, 2, 3, 4), "").on(4)?.quarantine).toBeUndefined();
});

it("a run in which thousands fail is one event of a bounded size", () => {
  const results = Array.from({ length: 3_000 }, (_, at) => ({
    test: String(at),
    outcome: "failed" as const,
  }));
  const change = testsChange({ results }, { check: "unit", version: "a" }, []);
  expect(change).toMatchObject({ more: 2_500 });
  expect(change?.tests).toHaveLength(500);
});
