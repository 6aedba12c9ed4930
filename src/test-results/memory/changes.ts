import type { TestRun } from "../../model/test-run.ts";
import type { TestsRan } from "./events.ts";
import type { Standing } from "./standing.ts";

/** So many tests in one event: where more fail, it is not they that are flaky. */
const mostTests = 500;

/**
 * What is to be written down of a run: tests that failed or were flaky, and passes of those that failed before or are in
 * quarantine; null for a run that changes nothing. Pure.
 */
export function testsChange(
  run: Pick<TestRun, "results">,
  where: { readonly check: string; readonly version: string },
  known: readonly Standing[],
): TestsRan | null {
  const followed = new Set(
    known
      .filter(({ check, fails, quarantine }) => check === where.check && (fails || quarantine !== undefined))
      .map(({ test }) => test),
  );
  const all = run.results.flatMap(({ test, outcome, file }) => {
    if (outcome === "skipped" || (outcome === "passed" && !followed.has(test))) return [];
    return [{ test, outcome, ...(file === undefined ? {} : { file }) }];
  });
  if (all.length === 0) return null;
  return { ...where, tests: all.slice(0, mostTests), more: Math.max(0, all.length - mostTests) };
}
