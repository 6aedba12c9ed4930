import type { TestOutcome, TestResult, TestRun } from "../model/test-run.ts";

/** One time that a script was run. */
export interface Attempt {
  readonly exitCode: number;
  /** All that it printed, without colours. */
  readonly output: string;
  readonly run: TestRun;
}

/** What a script of which no results are read says of itself. */
export function wholeRun(exitCode: number): TestRun {
  const outcome: TestOutcome = exitCode === 0 ? "passed" : "failed";
  const counted = { tests: 1, failed: exitCode === 0 ? 0 : 1 };
  return { results: [{ test: "", outcome }], counted, shared: [], problems: [] };
}

/** The results of the last attempt; a test that passed in it and failed before is flaky. */
export function afterAll(attempts: readonly Attempt[]): readonly TestResult[] {
  const before = new Set(
    attempts
      .slice(0, -1)
      .flatMap(({ run }) =>
        run.results.filter(({ outcome }) => outcome === "failed").map(({ test }) => test),
      ),
  );
  return (attempts.at(-1)?.run.results ?? []).map((result) =>
    result.outcome === "passed" && before.has(result.test) ? { ...result, outcome: "flaky" } : result,
  );
}

/** What failed before and does not stand in the last attempt. A file or suite that failed as a whole is there by its tests. */
export function vanishedAfter(attempts: readonly Attempt[]): readonly TestResult[] {
  const ran = (attempts.at(-1)?.run.results ?? []).filter(({ outcome }) => outcome !== "skipped");
  const failed = attempts
    .slice(0, -1)
    .flatMap(({ run }) => run.results.filter(({ outcome }) => outcome === "failed"));
  const names = new Map(failed.map((result) => [result.test, result]));
  return [...names.values()].filter(
    ({ test }) => !ran.some((other) => other.test === test || other.test.startsWith(`${test} > `)),
  );
}
