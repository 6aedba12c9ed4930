/** As Vitest 4.1 wrote it, but for times and hosts. */
export const vitestJunit = `<?xml version="1.0" encoding="UTF-8" ?>
<testsuites name="vitest tests" tests="4" failures="1" errors="0" time="0.06">
    <testsuite name="test/a.test.ts" tests="4" failures="1" errors="0" skipped="1" time="0.007">
        <testcase classname="test/a.test.ts" name="suite &gt; passes" time="0.0007">
        </testcase>
        <testcase classname="test/a.test.ts" name="suite &gt; fails &lt;b&gt;" time="0.004">
            <failure message="expected 1 to be 2 // Object.is equality" type="AssertionError">
AssertionError: expected 1 to be 2 // Object.is equality
            </failure>
        </testcase>
        <testcase classname="test/a.test.ts" name="suite &gt; was flaky" time="0.0006">
        </testcase>
        <testcase classname="test/a.test.ts" name="suite &gt; skipped" time="0">
            <skipped/>
        </testcase>
    </testsuite>
</testsuites>
`;

const assertion = (title: string, status: string, failureMessages: readonly string[] = []) => ({
  ...{ ancestorTitles: ["suite"], fullName: `suite ${title}`, title, status, failureMessages },
  ...{ meta: {}, tags: [] },
});

/** The same run, as Vitest's JSON tells it: only there a test that passed at its second try can be seen. */
export const vitestJson = {
  ...{ numTotalTests: 4, numPassedTests: 2, numFailedTests: 1, numPendingTests: 1, success: false },
  testResults: [
    {
      ...{ name: "/workspace/test/a.test.ts", status: "failed", message: "" },
      assertionResults: [
        assertion("passes", "passed"),
        assertion("fails <b>", "failed", ["AssertionError: expected 1 to be 2"]),
        assertion("was flaky", "passed", ["Error: once"]),
        assertion("skipped", "skipped"),
      ],
    },
  ],
};

/** As cargo-nextest writes it: retries are in the report. */
export const nextestJunit = `<?xml version="1.0" encoding="UTF-8"?>
<testsuites name="nextest-run" tests="3" failures="1" errors="0" uuid="45c50042-482e-477e-88a2-60cfcc3eaf95" time="0.023">
    <testsuite name="shop::basic" tests="3" disabled="0" errors="0" failures="1">
        <testcase name="passes" classname="shop::basic" time="0.004">
        </testcase>
        <testcase name="fails" classname="shop::basic" time="0.004">
            <failure type="test failure">thread panicked</failure>
            <rerunFailure time="0.004" type="test failure">thread panicked<system-out>again</system-out></rerunFailure>
        </testcase>
        <testcase name="flaky" classname="shop::basic" time="0.004">
            <flakyFailure time="0.004" type="test failure">thread panicked</flakyFailure>
        </testcase>
    </testsuite>
</testsuites>
`;

/** As jest-junit writes it by default. */
export const jestJunit = `<?xml version="1.0" encoding="UTF-8"?>
<testsuites name="jest tests" tests="2" failures="0" errors="0" time="1.2">
  <testsuite name="cart" errors="0" failures="0" skipped="0" timestamp="2026-11-22T12:00:00" time="0.5" tests="2">
    <testcase classname="cart adds up" name="cart adds up" time="0.002">
    </testcase>
    <testcase classname="cart is empty" name="cart is empty" time="0.001">
    </testcase>
  </testsuite>
</testsuites>
`;

/** A report of Vitest's of tests with an outcome each. */
export function junitOf(tests: Readonly<Record<string, "passed" | "failed">>): string {
  const all = Object.entries(tests);
  const failures = all.filter(([, outcome]) => outcome === "failed").length;
  const counts = `tests="${String(all.length)}" failures="${String(failures)}" errors="0"`;
  const cases = all.map(([name, outcome]) => {
    const inside = outcome === "failed" ? `<failure message="no" type="Error">no</failure>` : "";
    return `<testcase classname="test/cart.test.ts" name="${name}" time="0.1">${inside}</testcase>`;
  });
  return `<?xml version="1.0" encoding="UTF-8" ?>
<testsuites name="vitest tests" ${counts}><testsuite name="test/cart.test.ts" ${counts}>
${cases.join("\n")}
</testsuite></testsuites>`;
}

/** What Vitest prints at its end of the same tests. */
export function vitestSummary(tests: Readonly<Record<string, "passed" | "failed">>): string {
  const of = (outcome: string) => Object.values(tests).filter((one) => one === outcome).length;
  const counts = (["failed", "passed"] as const).flatMap((outcome) =>
    of(outcome) === 0 ? [] : [`${String(of(outcome))} ${outcome}`],
  );
  const total = String(Object.keys(tests).length);
  const file = of("failed") > 0 ? "failed" : "passed";
  return `\n Test Files  1 ${file} (1)\n      Tests  ${counts.join(" | ")} (${total})\n   Start at  12:35:56\n`;
}
