import { expect, it } from "vitest";
import type { TestStanding } from "../../src/model/test-run.ts";
import { type Attempt, judgeTests, readTestRun } from "../../src/test-results/test-results.ts";

const output = `
 Test Files  1 failed (1)
      Tests  1 failed | 1 passed (2)
`;

interface Case {
  readonly name: string;
  readonly failed?: boolean;
  readonly skipped?: boolean;
}

async function attempt(exitCode: number, cases: readonly Case[]): Promise<Attempt> {
  const xml = cases.map(({ name, failed, skipped }) => {
    const end = failed === true ? "<failure/>" : skipped === true ? "<skipped/>" : "";
    return `<testcase classname="cart.test.ts" name="${name}">${end}</testcase>`;
  });
  const failures = cases.filter(({ failed }) => failed).length;
  const text = `<testsuite name="cart.test.ts" tests="${String(cases.length)}" failures="${String(failures)}">${xml.join("")}</testsuite>`;
  const run = await readTestRun([{ path: "junit.xml", text }], "junit.xml", "/workspace");
  return { exitCode, output, run };
}

const inQuarantine: TestStanding = {
  ...{ check: "unit", test: "cart.test.ts > adds", is: "flaky", fails: false, flakyTimes: 4 },
  ...{ lastFailed: "2026-11-20T12:00:00Z", owner: "@shop/cart" },
  quarantine: {
    ...{ since: "2026-11-20T12:00:00Z", until: "2026-12-04T23:59:59.999Z" },
    ...{ passed: false, cleanRuns: 0 },
  },
};
const judge = (...attempts: readonly Attempt[]) =>
  judgeTests(attempts, { known: [inQuarantine], notAlone: null });

it("a quarantine forgives its test, and not another one of the same name", async () => {
  expect(judge(await attempt(1, [{ name: "adds", failed: true }, { name: "pays" }]))).toMatchObject({
    verdict: "pass",
  });
  expect(judge(await attempt(1, [{ name: "adds", failed: true }, { name: "adds" }]))).toMatchObject({
    verdict: "fail",
    summary: expect.stringContaining("several tests are called cart.test.ts > adds") as string,
  });
});

it.each([
  ["not there", [{ name: "pays" }]],
  ["skipped", [{ name: "pays" }, { name: "adds", skipped: true }]],
])("a test that failed and is %s at the last try has not passed", async (_, last) => {
  const first = await attempt(1, [{ name: "adds", failed: true }, { name: "pays" }]);
  expect(judge(first, await attempt(0, last))).toMatchObject({
    verdict: "insufficient",
    summary: "passed at the 2nd try, in which 1 of what had failed were not run: cart.test.ts > adds",
  });
});

it("a suite that could not be set up at the first try is there by its tests at the second", async () => {
  const first = await attempt(1, [{ name: "payment", failed: true }]);
  expect(judge(first, await attempt(0, [{ name: "payment &gt; by card" }]))).toMatchObject({
    verdict: "pass",
  });
});
