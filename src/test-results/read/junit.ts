import { SaxesParser } from "saxes";
import type { TestOutcome } from "../../model/test-run.ts";
import { named, type ReadTests, TestReportError } from "./report.ts";

interface Suite {
  readonly name: string;
  readonly file: string | undefined;
  readonly said: Partial<Counts>;
  readonly counted: { tests: number; failures: number };
}

interface Counts {
  readonly tests: number;
  readonly failures: number;
}

interface Case {
  readonly test: string;
  readonly file?: string;
  failed: boolean;
  flaky: boolean;
  skipped: boolean;
}

/**
 * JUnit XML as Vitest, Jest, cargo-nextest and Surefire write it. Each suite says how many tests it has and how many failed: a
 * report whose cases are others than it says is not whole. Entities of a document's own are refused, so that none can be a bomb.
 * @throws TestReportError for what is no well-formed XML to its end
 */
export function readJunit(text: string): ReadTests {
  const tests: { readonly test: string; readonly outcome: TestOutcome; readonly file?: string }[] = [];
  const problems: string[] = [];
  const suites: Suite[] = [];
  let current: Case | undefined;
  const seen = { suites: 0 };
  const parser = new SaxesParser();
  parser.on("error", (error) => {
    throw new TestReportError(`is not well-formed XML: ${error.message}`);
  });
  parser.on("doctype", () => {
    throw new TestReportError("has a document type of its own, which no test runner writes");
  });
  parser.on("opentag", ({ name, attributes }) => {
    if (name === "testsuites" || name === "testsuite") {
      seen.suites += 1;
      suites.push(suiteOf(name, attributes));
    } else if (name === "testcase") current = caseOf(attributes, suites.at(-1));
    else if (current !== undefined) mark(current, name);
  });
  parser.on("closetag", ({ name }) => {
    if (name === "testcase" && current !== undefined) {
      for (const suite of suites) count(suite, current);
      if (!suites.some(saysHowMany)) problems.push("it does not say how many tests it has");
      const { test, file } = current;
      tests.push({ test, outcome: outcomeOf(current), ...(file === undefined ? {} : { file }) });
      current = undefined;
    }
    if (name === "testsuites" || name === "testsuite") problems.push(...problemOf(suites.pop()));
  });
  parser.write(text).close();
  if (seen.suites === 0) throw new TestReportError("has no testsuite");
  return { tests, problems: [...new Set(problems)] };
}

function suiteOf(element: string, attributes: Readonly<Record<string, string>>): Suite {
  const { name = "", file } = attributes;
  const said = { ...number(attributes, "tests"), ...failuresOf(attributes) };
  // Of all suites together many runners say only their own name.
  return { name: element === "testsuites" ? "" : name, file, said, counted: { tests: 0, failures: 0 } };
}

function number(attributes: Readonly<Record<string, string>>, name: "tests"): Partial<Counts> {
  const text = attributes[name];
  return text === undefined || !/^\d{1,9}$/.test(text) ? {} : { [name]: Number(text) };
}

function failuresOf({ failures, errors = "0" }: Readonly<Record<string, string>>): Partial<Counts> {
  if (failures === undefined || !/^\d{1,9}$/.test(failures) || !/^\d{1,9}$/.test(errors)) return {};
  return { failures: Number(failures) + Number(errors) };
}

function caseOf(attributes: Readonly<Record<string, string>>, suite: Suite | undefined): Case {
  const { name = "", classname = "", file = suite?.file } = attributes;
  const test = named([file ?? suite?.name ?? "", classname, name]);
  return { test, ...(file === undefined ? {} : { file }), failed: false, flaky: false, skipped: false };
}

/** `rerunFailure` is a further try of one that has failed, `flakyFailure` a failed try of one that has passed. */
function mark(test: Case, element: string): void {
  if (element === "failure" || element === "error") test.failed = true;
  if (element === "flakyFailure" || element === "flakyError") test.flaky = true;
  if (element === "skipped") test.skipped = true;
}

function outcomeOf({ failed, flaky, skipped }: Case): TestOutcome {
  return failed ? "failed" : flaky ? "flaky" : skipped ? "skipped" : "passed";
}

function count({ counted }: Suite, { failed }: Case): void {
  counted.tests += 1;
  if (failed) counted.failures += 1;
}

function saysHowMany({ said }: Suite): boolean {
  return said.tests !== undefined && said.failures !== undefined;
}

function problemOf(suite: Suite | undefined): string[] {
  if (suite === undefined) return [];
  const { said, counted, name } = suite;
  const where = name === "" ? "it" : `its suite ${name.slice(0, 200)}`;
  return (["tests", "failures"] as const).flatMap((what) => {
    const { [what]: expected } = said;
    // Of all suites together not every runner says it; each of them does.
    if (expected === undefined) return name === "" ? [] : [`${where} does not say how many ${what} it has`];
    if (expected === counted[what]) return [];
    return [`${where} says that it has ${String(expected)} ${what}, and has ${String(counted[what])}`];
  });
}
