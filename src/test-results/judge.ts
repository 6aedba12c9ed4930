import type { TestResult, TestsOfRun, TestStanding } from "../model/test-run.ts";
import { visible } from "../model/visible.ts";
import { afterAll, type Attempt, vanishedAfter } from "./attempts.ts";
import { runnerEnd } from "./runner-end.ts";
import { standingText } from "./text.ts";

export interface TestsContext {
  /** Of this check. */
  readonly known: readonly TestStanding[];
  /** Why a script that fails may have left something out; null where it is a test runner alone. */
  readonly notAlone: string | null;
}

interface Said {
  readonly summary: string;
  readonly tests: TestsOfRun;
  /** What is to be remembered: passes only of a run that is known to be whole. */
  readonly results: readonly TestResult[];
}

export type JudgedTests = Said &
  (
    | { readonly verdict: "pass"; readonly details?: string }
    | { readonly verdict: "fail"; readonly details: string }
    | { readonly verdict: "insufficient"; readonly missing: string; readonly details?: string }
  );

/**
 * What becomes of a check by the results of its tests. A script that failed passes only where it is certain that nothing failed but
 * tests in quarantine; a script that passed fails where its own results say otherwise, or a test is flaky whose quarantine has ended.
 */
export function judgeTests(attempts: readonly Attempt[], context: TestsContext): JudgedTests {
  const last = attempts.at(-1);
  if (last === undefined) throw new Error("a script that was not run has no results");
  const results = afterAll(attempts);
  const failed = results.filter(({ outcome }) => outcome === "failed");
  const flaky = results.filter(({ outcome }) => outcome === "flaky");
  const tests = testsOf(results, attempts.length, context.known);
  if (last.exitCode !== 0) {
    const why = unforgivable(last, failed, context);
    const told = flaky.length === 0 ? "" : `; ${listed(flaky, "flaky")}`;
    if (why === null)
      return {
        verdict: "pass",
        summary: `${quarantined(failed)}${told}`,
        tests,
        results,
        details: known(failed, context),
      };
    const whole = results.filter(({ outcome }) => outcome !== "passed");
    return { verdict: "fail", ...failure(attempts, failed, why, context), tests, results: whole };
  }
  if (last.run.problems.length > 0) {
    const summary = "its script passed, and its results cannot be read";
    return { verdict: "insufficient", summary, missing: last.run.problems.join("\n"), tests, results: flaky };
  }
  const vanished = vanishedAfter(attempts);
  if (vanished.length > 0) {
    const summary = `passed at the ${nth(attempts.length)} try, in which ${listed(vanished, "of what had failed were not run")}`;
    const missing = "Each try has to run all tests: a test that failed and is not run again may still fail.";
    return { verdict: "insufficient", summary, missing, tests, results: flaky };
  }
  const overdue = flaky.filter(({ test }) => standingOf(test, context)?.quarantine?.passed === true);
  if (failed.length > 0 || overdue.length > 0) {
    const [which, why] =
      failed.length > 0
        ? [failed, "its script ended with exit code 0, and its results say otherwise"]
        : [overdue, "still flaky after the end of its quarantine"];
    const summary = `${why}: ${listed(which, "")}`;
    return { verdict: "fail", summary, details: known(which, context), tests, results };
  }
  const passed = attempts.length === 1 ? "passed" : `passed at the ${nth(attempts.length)} try`;
  const inQuarantine = context.known.filter(({ quarantine }) => quarantine !== undefined).length;
  const parts = [
    passed,
    ...(flaky.length === 0 ? [] : [listed(flaky, "flaky")]),
    ...(inQuarantine === 0 ? [] : [`${String(inQuarantine)} in quarantine`]),
  ];
  return { verdict: "pass", summary: parts.join("; "), tests, results };
}

/** Why a script that failed has failed; null where nothing did but tests in quarantine. */
function unforgivable(last: Attempt, failed: readonly TestResult[], context: TestsContext): string | null {
  const [problem] = last.run.problems;
  if (problem !== undefined) return `its results are not whole: ${visible(problem)}`;
  if (failed.length === 0) return "no test of its results failed";
  const counting = failed.filter(({ test }) => !isForgiven(standingOf(test, context)));
  if (counting.length > 0) return listed(counting, counting.length === 1 ? "test failed" : "tests failed");
  const shared = failed.find(({ test }) => last.run.shared.includes(test));
  if (shared !== undefined) return `several tests are called ${visible(shared.test)}, and one of them failed`;
  if (context.notAlone !== null) return context.notAlone;
  const end = runnerEnd(last.output, last.exitCode);
  if ("unclear" in end) return visible(end.unclear);
  const { tests, failed: count } = last.run.counted;
  if (end.tests === tests && end.failed === count) return null;
  const says = `${String(end.failed)} of ${String(end.tests)} tests failed`;
  return `the test runner says that ${says}, and its results that ${String(count)} of ${String(tests)} did`;
}

/** Without an owner nobody mends it. */
function isForgiven(standing: TestStanding | undefined): boolean {
  return standing?.quarantine?.passed === false && standing.owner !== null;
}

function failure(
  attempts: readonly Attempt[],
  failed: readonly TestResult[],
  why: string,
  context: TestsContext,
): { readonly summary: string; readonly details: string } {
  const { exitCode = 1, output = "" } = attempts.at(-1) ?? {};
  const tries = attempts.length === 1 ? "" : ` at the ${nth(attempts.length)} try`;
  const code = `its step ended with exit code ${String(exitCode)}${tries}`;
  const lines = known(failed, context);
  const details = [output || "It printed nothing.", ...(lines === "" ? [] : [lines])].join("\n\n");
  const isWhole = failed.length > 0 && failed.every(({ test }) => test === "");
  return { summary: isWhole ? code : `${code}: ${why}`, details };
}

/** What is remembered of these, a line each. */
function known(results: readonly TestResult[], context: TestsContext): string {
  return results
    .flatMap(({ test }) => standingOf(test, context) ?? [])
    .slice(0, 20)
    .map(standingText)
    .join("\n");
}

function standingOf(test: string, { known: all }: TestsContext): TestStanding | undefined {
  return all.find((standing) => standing.test === test);
}

function quarantined(failed: readonly TestResult[]): string {
  const tests = failed.length === 1 ? "test" : "tests";
  return listed(failed, `quarantined ${tests} failed`);
}

/** `2 flaky: a, b`; of many, the first three. */
function listed(results: readonly TestResult[], what: string): string {
  const names = results.slice(0, 3).map(({ test }) => (test === "" ? "the check as a whole" : visible(test)));
  const more = results.length > 3 ? [`${String(results.length - 3)} more`] : [];
  const all = [...names, ...more].join(", ");
  return what === "" ? all : `${String(results.length)} ${what}: ${all}`;
}

function nth(tries: number): string {
  return { 2: "2nd", 3: "3rd" }[tries] ?? `${String(tries)}th`;
}

const most = 500;

function testsOf(results: readonly TestResult[], tries: number, all: readonly TestStanding[]): TestsOfRun {
  const named = (outcome: TestResult["outcome"]) =>
    results
      .filter((result) => result.outcome === outcome)
      .slice(0, most)
      .map(({ test }) => test);
  return {
    count: results.length,
    failed: named("failed"),
    flaky: named("flaky"),
    tries,
    known: all.slice(0, most),
  };
}
