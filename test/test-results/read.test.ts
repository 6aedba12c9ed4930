import fc from "fast-check";
import { expect, it } from "vitest";
import { readTestRun } from "../../src/test-results/test-results.ts";
import { propertyRuns } from "../support/property-runs.ts";
import { jestJunit, nextestJunit, vitestJson, vitestJunit } from "./reports.ts";

const read = (text: string, path = "reports/junit.xml", pattern = path) =>
  readTestRun([{ path, text }], pattern, "/workspace");
const outcomes = async (text: string, path?: string) =>
  Object.fromEntries((await read(text, path)).results.map(({ test, outcome }) => [test, outcome]));

it("reads what Vitest writes as JUnit: each test by file, suites and name", async () => {
  expect(await outcomes(vitestJunit)).toEqual({
    "test/a.test.ts > suite > passes": "passed",
    "test/a.test.ts > suite > fails <b>": "failed",
    "test/a.test.ts > suite > was flaky": "passed",
    "test/a.test.ts > suite > skipped": "skipped",
  });
  expect(await read(vitestJunit)).toMatchObject({ problems: [], counted: { tests: 4, failed: 1 } });
});

it("reads what Vitest writes as JSON, with the same names, and sees a test that passed at its second try", async () => {
  const text = JSON.stringify(vitestJson);
  expect(await outcomes(text)).toEqual({
    ...(await outcomes(vitestJunit)),
    "test/a.test.ts > suite > was flaky": "flaky",
  });
  expect((await read(text)).problems).toEqual([]);
});

it("reads what nextest writes: one that failed again has failed, one that passed after a failure is flaky", async () => {
  expect(await outcomes(nextestJunit)).toEqual({
    "shop::basic > passes": "passed",
    "shop::basic > fails": "failed",
    "shop::basic > flaky": "flaky",
  });
  expect((await read(nextestJunit)).problems).toEqual([]);
});

it("reads what jest-junit writes", async () => {
  expect(Object.keys(await outcomes(jestJunit))).toEqual(["cart > cart adds up", "cart > cart is empty"]);
});

it("a file of tests that could not be loaded has failed itself", async () => {
  const broken = { name: "/workspace/test/c.test.ts", status: "failed", assertionResults: [] };
  const text = JSON.stringify({ ...vitestJson, testResults: [...vitestJson.testResults, broken] });
  expect(await outcomes(text)).toMatchObject({ "test/c.test.ts": "failed" });
});

it("tests of several packages are told apart by their folders", async () => {
  const file = (name: string) => ({ path: `packages/${name}/reports/junit.xml`, text: jestJunit });
  const { results } = await readTestRun(
    [file("api"), file("web")],
    "packages/*/reports/junit.xml",
    "/workspace",
  );
  expect(results.map(({ test }) => test)).toEqual([
    "packages/api > cart > cart adds up",
    "packages/api > cart > cart is empty",
    "packages/web > cart > cart adds up",
    "packages/web > cart > cart is empty",
  ]);
});

it("two tests of one name are not one that is flaky: it has failed where one of them has", async () => {
  const twice = nextestJunit.replaceAll("passes", "fails").replaceAll("flaky<", "fails<");
  expect((await outcomes(twice))["shop::basic > fails"]).toBe("failed");
});

it.each([
  ["no file", [], "there are no results at reports/junit.xml"],
  ["an empty one", [""], "reports/junit.xml: "],
  ["a truncated one", [vitestJunit.slice(0, 700)], "reports/junit.xml: is not well-formed XML"],
  ["truncated JSON", [JSON.stringify(vitestJson).slice(0, 300)], "reports/junit.xml: is not JSON to its end"],
  ["other JSON", ["{}"], "reports/junit.xml: is no JSON report of Vitest or Jest"],
  ["other XML", ["<html></html>"], "reports/junit.xml: has no testsuite"],
  ["a page", ["Cannot find module"], "reports/junit.xml: is not well-formed XML"],
  [
    "one with fewer tests than it says",
    [vitestJunit.replaceAll('tests="4"', 'tests="5"')],
    "reports/junit.xml: its suite test/a.test.ts says that it has 5 tests, and has 4",
  ],
  [
    "one that says of fewer failures",
    [vitestJunit.replaceAll('failures="1"', 'failures="0"')],
    "reports/junit.xml: its suite test/a.test.ts says that it has 0 failures, and has 1",
  ],
  [
    "one that does not count",
    [vitestJunit.replaceAll('tests="4"', "")],
    "does not say how many tests it has",
  ],
  [
    "one of node:test, which counts nothing",
    ['<testsuites><testcase name="a" time="0.1" classname="test"/></testsuites>'],
    "reports/junit.xml: it does not say how many tests it has",
  ],
  [
    "JSON with other counts",
    [JSON.stringify({ ...vitestJson, numFailedTests: 0 })],
    "reports/junit.xml: it says that it has 4 tests, 0 failed, and has 4 tests, 1 failed",
  ],
])("%s is no whole result, and says why", async (_, texts, why) => {
  const files = texts.map((text) => ({ path: "reports/junit.xml", text }));
  expect((await readTestRun(files, "reports/junit.xml", "/workspace")).problems[0]).toContain(why);
});

it("a document with entities of its own is refused before any of them is made", async () => {
  const levels = Array.from(
    { length: 30 },
    (_, at) => `<!ENTITY a${String(at + 1)} "&a${String(at)};&a${String(at)};">`,
  );
  const bomb = `<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a0 "ha">${levels.join("")}]><testsuite name="&a30;"/>`;
  expect((await read(bomb)).problems).toEqual([
    "reports/junit.xml: has a document type of its own, which no test runner writes",
  ]);
  const undeclared = '<testsuite name="a" tests="0" failures="0">&ha;</testsuite>';
  expect((await read(undeclared)).problems[0]).toContain("undefined entity");
});

it("lines of ten megabytes are read, and names are bounded", async () => {
  const long = "x".repeat(10_000_000);
  const text = `<testsuite name="${long}" tests="1" failures="1"><testcase name="${long}"><failure message="${long}">${long}</failure></testcase></testsuite>`;
  const { results, problems } = await read(text);
  expect(problems).toEqual([]);
  expect(results.map(({ outcome }) => outcome)).toEqual(["failed"]);
  expect(results[0]?.test.length).toBeLessThanOrEqual(500);
});

it("no text makes it throw, and no cut of a report is a whole one", async () => {
  const anything = fc.oneof(fc.string({ unit: "binary" }), fc.json());
  const cut = fc
    .tuple(
      fc.constantFrom(vitestJunit, nextestJunit, JSON.stringify(vitestJson)),
      fc.double({ min: 0, max: 0.98, noNaN: true }),
    )
    .map(([text, part]) => text.slice(0, Math.floor(text.length * part)));
  await fc.assert(
    fc.asyncProperty(fc.oneof(anything, cut), async (text) => {
      expect((await read(text)).problems.length).toBeGreaterThan(0);
    }),
    propertyRuns(200),
  );
});
