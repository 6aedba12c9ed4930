import type { TestOutcome, TestResult, TestRun } from "../../model/test-run.ts";
import { named, type ReadTests, TestReportError } from "./report.ts";

/** A file that a test runner wrote. */
export interface TestReportFile {
  /** From the root of the repository. */
  readonly path: string;
  readonly text: string;
}

/** Characters of all reports of a run together, beyond which they are not read. */
const mostCharacters = 64 * 1024 * 1024;

/**
 * What the reports of one run say together. A test that stands in them twice has failed when one of them says so: two
 * tests of one name are not one that is flaky.
 * @param pattern the glob that found the files: what its wildcards stand for tells apart the tests of several packages
 * @param root the directory of the repository in the step, which absolute names begin with
 */
export async function readTestRun(
  files: readonly TestReportFile[],
  pattern: string,
  root: string,
): Promise<TestRun> {
  if (files.length === 0) return unread(`there are no results at ${pattern}`);
  const size = files.reduce((sum, { text }) => sum + text.length, 0);
  if (size > mostCharacters) return unread("the results are larger than 64 MiB");
  const read = await Promise.all(files.map(async (file) => ({ file, ...(await readFile(file, root)) })));
  const found = read.flatMap(({ file, tests }) =>
    tests.map((one) => ({ ...one, test: named([packageOf(file.path, pattern), one.test]) })),
  );
  const problems = read.flatMap(({ file, problems: some }) => some.map((why) => `${file.path}: ${why}`));
  const nameless = found.some(({ test }) => test === "") ? ["a test has no name"] : [];
  const failed = found.filter(({ outcome }) => outcome === "failed").length;
  const counted = { tests: found.length, failed };
  const names = Object.groupBy(found, ({ test }) => test);
  const shared = Object.keys(names).filter((name) => (names[name]?.length ?? 0) > 1);
  return { results: once(found), counted, shared, problems: [...problems, ...nameless] };
}

function unread(why: string): TestRun {
  return { results: [], counted: { tests: 0, failed: 0 }, shared: [], problems: [why] };
}

async function readFile({ text }: TestReportFile, root: string): Promise<ReadTests> {
  try {
    const start = text
      .slice(0, 1_000)
      .replace(/^\uFEFF/, "")
      .trimStart();
    // Each is loaded where there is such a report: most checks have none.
    if (start.startsWith("{")) return (await import("./runner-json.ts")).readRunnerJson(text, root);
    return (await import("./junit.ts")).readJunit(text);
  } catch (error) {
    if (!(error instanceof TestReportError)) throw error;
    return { tests: [], problems: [error.message] };
  }
}

/** `packages/api` of packages/api/reports/junit.xml, found by packages/&#42;/reports/junit.xml; `""` without wildcards. */
function packageOf(path: string, pattern: string): string {
  const parts = pattern.split("/").slice(0, -1);
  const after = parts.length - 1 - parts.findLastIndex((part) => part.includes("*"));
  if (after === parts.length) return "";
  return path
    .split("/")
    .slice(0, -1)
    .slice(0, after === 0 ? undefined : -after)
    .join("/");
}

const gravest: readonly TestOutcome[] = ["failed", "flaky", "passed", "skipped"];

function once(results: readonly TestResult[]): TestResult[] {
  const byTest = new Map<string, TestResult>();
  for (const result of results) {
    const other = byTest.get(result.test);
    if (other === undefined || gravest.indexOf(result.outcome) < gravest.indexOf(other.outcome))
      byTest.set(result.test, result);
  }
  return [...byTest.values()].sort((one, other) => (one.test < other.test ? -1 : 1));
}
