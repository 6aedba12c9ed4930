import { expect, it } from "vitest";
import {
  type Forecast,
  forecastTransactions,
  lockForecast,
  locksEvidence,
  type MeasuredStatement,
  type Span,
} from "../../../src/database/measure/measure.ts";

const seconds = (low: number, high: number) =>
  ({ verdict: "range", growth: "linear", low: low * 1000, high: high * 1000 }) as const;
const unknown = { verdict: "insufficient", reason: "too much noise" } as const;

interface Step {
  readonly line: number;
  readonly takes: Forecast["durationMs"];
  readonly mode?: "ACCESS EXCLUSIVE" | "SHARE" | "SHARE UPDATE EXCLUSIVE";
  readonly table?: string;
  readonly change?: Partial<MeasuredStatement>;
}

/** Statements of one file, each with a lock and a forecast. */
function transactionsOf(...steps: readonly Step[]) {
  const statements = steps.map(({ line, mode = "ACCESS EXCLUSIVE", table = "orders", change }) => ({
    ...{
      migration: "2_new",
      path: "2_new.sql",
      line,
      sql: "ALTER",
      tables: [table],
      transaction: true,
      nth: 0,
    },
    locks: [{ relation: table, kind: "table", mode, granted: true, isNew: false } as const],
    ...{ rewrites: [], blocked: [], samples: [], problem: null, ...change },
  }));
  const forecasts = steps.map(({ takes }) => ({ durationMs: takes, readsWaitMs: takes }) as Forecast);
  return forecastTransactions({ statements }, forecasts);
}
const range = (low: number, high: number): Span => ({ verdict: "range", low: low * 1000, high: high * 1000 });

it("what the first statement locks is held until the last one has ended", () => {
  const [file] = transactionsOf(
    { line: 1, takes: seconds(0.1, 0.2) },
    { line: 2, takes: seconds(10, 20), table: "customers", mode: "SHARE" },
    { line: 3, takes: seconds(1, 2) },
  );
  expect(file).toMatchObject({ lines: [1, 2, 3], durationMs: range(11.1, 22.2) });
  expect(file?.held).toEqual([
    {
      ...{ table: "orders", mode: "ACCESS EXCLUSIVE", line: 1 },
      ...{ readsWaitMs: range(11.1, 22.2), writesWaitMs: range(11.1, 22.2) },
    },
    {
      ...{ table: "customers", mode: "SHARE", line: 2 },
      ...{ readsWaitMs: { verdict: "none" }, writesWaitMs: range(11, 22) },
    },
  ]);
});

it("who is kept out by a later statement only does not wait for those before it", () => {
  const [file] = transactionsOf(
    { line: 1, takes: seconds(60, 90), mode: "SHARE" },
    { line: 2, takes: seconds(1, 2) },
  );
  expect(file?.held).toMatchObject([{ line: 1, readsWaitMs: range(1, 2), writesWaitMs: range(61, 92) }]);
});

it("where one duration is not known the sum is not, and what is known of it is its least", () => {
  const [file] = transactionsOf(
    { line: 1, takes: seconds(3, 4) },
    { line: 2, takes: unknown, mode: "SHARE UPDATE EXCLUSIVE" },
  );
  expect(file?.held[0]?.readsWaitMs).toEqual({
    ...{ verdict: "insufficient", low: 3000, reason: "line 2: too much noise" },
  });
});

it("a statement that failed may have locked anything", () => {
  const failed = { problem: "PostgreSQL refuses it", tables: [], locks: [] };
  const [file] = transactionsOf(
    { line: 1, takes: seconds(1, 1), mode: "SHARE" },
    { line: 2, takes: unknown, change: failed },
  );
  expect(file?.held[0]?.readsWaitMs).toMatchObject({ verdict: "insufficient" });
});

it("what PostgreSQL refuses beside others is no sum; what the file commits in between are two", () => {
  const alone = transactionsOf(
    { line: 1, takes: seconds(1, 1) },
    { line: 2, takes: seconds(1, 1), change: { transaction: false } },
  );
  expect(alone[0]?.durationMs).toMatchObject({
    ...{ verdict: "insufficient", reason: "line 2: PostgreSQL refuses it in one transaction with others" },
  });
  const two = transactionsOf(
    { line: 1, takes: seconds(1, 1) },
    { line: 3, takes: seconds(5, 5), change: { nth: 1 } },
  );
  expect(two.map(({ held }) => held[0]?.readsWaitMs)).toEqual([range(1, 1), range(5, 5)]);
});

it("a limit is broken where a lock is longer for certain, and a person is asked where it may be", () => {
  const answer = (limitSeconds: number | null, ...steps: readonly Step[]) => {
    const server = { version: "18.4", walLevel: "replica", fullPageWrites: true, fsync: true };
    const forecast = lockForecast(
      { server, sizes: [], tables: [], statements: [] },
      { tables: {} },
      limitSeconds,
    );
    return locksEvidence(
      { ...forecast, transactions: transactionsOf(...steps) },
      "fairway migrations --measure",
    );
  };
  const step = { line: 4, takes: seconds(2, 6) };
  expect(answer(null, step)).toBeNull();
  expect(answer(7, step)).toMatchObject({
    verdict: "pass",
    summary: "no lock is held for longer than the limit of 7.0 s",
  });
  expect(answer(5, step)).toMatchObject({
    verdict: "insufficient",
    summary: expect.stringContaining("orders may be") as string,
  });
  expect(answer(1, step)).toMatchObject({
    verdict: "fail",
    details: "2_new.sql:4: ACCESS EXCLUSIVE on orders from line 4: reads and writes wait 2.0 to 6.0 s",
  });
  expect(answer(5, { line: 4, takes: unknown })).toMatchObject({ verdict: "insufficient" });
  expect(answer(5, { line: 4, takes: unknown, mode: "SHARE UPDATE EXCLUSIVE" })).toMatchObject({
    verdict: "pass",
  });
});
