import { z } from "zod";
import type { TestOutcome, TestResult } from "../../model/test-run.ts";
import { named, type ReadTests, TestReportError } from "./report.ts";

const assertion = z.object({
  ancestorTitles: z.array(z.string()),
  title: z.string(),
  status: z.string(),
  failureMessages: z.array(z.unknown()).nullish(),
  /** Jest's: how often it was run. */
  invocations: z.number().optional(),
});
const report = z.object({
  numTotalTests: z.number(),
  numFailedTests: z.number(),
  success: z.boolean(),
  testResults: z.array(
    z.object({ name: z.string(), status: z.string(), assertionResults: z.array(assertion) }),
  ),
});

/**
 * Vitest's `--reporter=json`, and Jest's `--json`. A test that passed and has messages of a failure has failed before it passed.
 * @param root the directory that the names of its files begin with
 * @throws TestReportError for what is no such report
 */
export function readRunnerJson(text: string, root: string): ReadTests {
  const read = report.safeParse(parsed(text));
  if (!read.success) throw new TestReportError("is no JSON report of Vitest or Jest");
  const { testResults, numTotalTests, numFailedTests, success } = read.data;
  const files = testResults.map((one) => ({ ...one, file: relative(one.name, root) }));
  const tests = files.flatMap(({ file, assertionResults }) =>
    assertionResults.map((one): TestResult => {
      return { test: named([file, ...one.ancestorTitles, one.title]), outcome: outcomeOf(one), file };
    }),
  );
  // Its tests are not known, so that they are not among those that failed.
  const broken = files
    .filter(({ status, assertionResults }) => status === "failed" && !assertionResults.some(hasFailed))
    .map(({ file }): TestResult => ({ test: file, outcome: "failed", file }));
  const failed = tests.filter(({ outcome }) => outcome === "failed").length;
  const said = `${String(numTotalTests)} tests, ${String(numFailedTests)} failed`;
  const has = `${String(tests.length)} tests, ${String(failed)} failed`;
  return {
    tests: [...tests, ...broken],
    problems: [
      ...(said === has ? [] : [`it says that it has ${said}, and has ${has}`]),
      ...(success || failed + broken.length > 0 ? [] : ["it says that the run failed, and no test did"]),
    ],
  };
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new TestReportError("is not JSON to its end");
  }
}

function hasFailed({ status }: z.infer<typeof assertion>): boolean {
  return status === "failed";
}

function outcomeOf({ status, failureMessages, invocations = 1 }: z.infer<typeof assertion>): TestOutcome {
  if (status === "failed") return "failed";
  if (status !== "passed") return "skipped";
  return (failureMessages ?? []).length > 0 || invocations > 1 ? "flaky" : "passed";
}

function relative(path: string, root: string): string {
  return path.startsWith(`${root}/`) ? path.slice(root.length + 1) : path;
}
