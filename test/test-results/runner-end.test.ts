import { expect, it } from "vitest";
import { runnerEnd } from "../../src/test-results/runner-end.ts";
import { notAlone } from "../../src/test-results/test-results.ts";

const vitest = `
 Test Files  1 failed | 1 passed (2)
      Tests  1 failed | 3 passed | 1 skipped (5)
   Start at  12:20:07
`;
const jest = `Test Suites: 1 failed, 1 passed, 2 total
Tests:       1 failed, 1 skipped, 3 passed, 5 total
Snapshots:   0 total
`;
const nextest = "     Summary [   0.021s] 5 tests run: 4 passed (1 flaky), 1 failed, 25 skipped\n";

it.each([
  ["Vitest", vitest, 1],
  ["Jest", jest, 1],
  ["nextest", nextest, 100],
])("%s that failed for its tests says how many", (_, output, exitCode) => {
  expect(runnerEnd(output, exitCode)).toEqual({ tests: 5, failed: 1 });
});

it.each([
  ["an error outside of its tests", `${vitest}     Errors  1 error\n`, 1, "     Errors  1 error".trim()],
  ["a type error", `${vitest}Type Errors  2 errors\n`, 1, "Type Errors  2 errors"],
  ["a hook of a suite", `⎯⎯⎯ Failed Suites 1 ⎯⎯⎯\n${vitest}`, 1, "Failed Suites 1"],
  ["coverage", `${vitest}ERROR: Coverage for lines (50%) does not meet`, 1, "Coverage for lines"],
  [
    "Jest's coverage",
    `${jest}Jest: "global" coverage threshold for lines (80%) not met: 50%`,
    1,
    "threshold",
  ],
  [
    "a suite of Jest's that cannot be run",
    `● Test suite failed to run\n${jest}`,
    1,
    "Test suite failed to run",
  ],
  [
    "a stop at the first failure",
    vitest.replace("1 failed | 1 passed (2)", "1 failed (2)"),
    1,
    "did not run everything",
  ],
  ["tests that were not run", vitest.replace("(5)", "(6)"), 1, "did not run everything"],
  ["Jest's stop", jest.replace("2 total", "1 of 2 total"), 1, "did not say how many files"],
  ["nextest's stop", nextest.replace("5 tests run", "5/9 tests run"), 100, "no summary"],
  ["another code", vitest, 134, "ends with 1 where tests fail, not with 134"],
  ["nextest that could not build", nextest, 101, "ends with 100"],
  ["a run after the first", vitest + vitest, 1, "more than one summary"],
  ["silence", "", 1, "no summary of vitest, jest, nextest was printed"],
])("what fails a run beside tests is not certain: %s", (_, output, exitCode, why) => {
  expect(runnerEnd(output, exitCode)).toEqual({ unclear: expect.stringContaining(why) as string });
});

it.each([
  "vitest run",
  "CI=1 vitest run --reporter=default",
  "npx jest --ci",
  "cargo nextest run --no-fail-fast",
])("`%s` is a test runner alone", (unit) => {
  expect(notAlone({ unit }, "unit")).toBeNull();
});

it.each([
  "vitest run && eslint .",
  "tsc; vitest run",
  "vitest run | tee log",
  "turbo run test",
  "vitest run\neslint",
  "node run.js",
  "$(vitest)",
])("`%s` may leave something out when it fails", (unit) => {
  expect(notAlone({ unit }, "unit")).toContain("is not one test runner alone");
});

it("what would come after it is not run", () => {
  expect(notAlone({ unit: "vitest run", postunit: "eslint ." }, "unit")).toContain("postunit is not run");
});
