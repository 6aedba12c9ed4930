import { describe, expect, it } from "vitest";
import { readSarif } from "../../../src/findings/read/sarif.ts";
import { checkReport } from "../../../src/report/checks/checks.ts";
import { toolFinding } from "../../findings/examples.ts";
import { xmlFault } from "../../support/xml.ts";
import { evalFound, failed, lodash, passed, reportOf, scan, unsettled } from "./reports.ts";

const many = (count: number) =>
  Array.from({ length: count }, (_, at) =>
    toolFinding({
      severity: "high",
      locations: [{ path: `src/${String(at).padStart(6, "0")}.ts`, line: 1 }],
    }),
  );
const all = reportOf(passed, failed, unsettled, scan("semgrep", [evalFound]));

it("text has a line for each check, then the words of all that failed or were not settled", () => {
  expect(checkReport("text", all)).toMatchInlineSnapshot(`
    "✓  lint     1.2 s  passed
    ✗  unit     1.2 s  its step ended with exit code 1
    ?  codeql   1.2 s  could not be run: no such image
    ✗  semgrep  1.2 s  1 found

    ── unit: its step ended with exit code 1
    greeting.test.js: expected hello

    ── codeql: could not be run: no such image
    missing: an engine that has it

    ── semgrep: 1 found
    as the text says"
  `);
});

it("the same fault from two checks is one finding with both as witnesses, and blocks where it does for one", () => {
  const grype = { ...lodash, tool: "grype", severity: "low" } as const;
  const report = reportOf(scan("grype", [grype]), scan("trivy", [lodash]), scan("semgrep", [evalFound]));
  const { findings } = readSarif(checkReport("sarif", report), "fairway");
  expect(findings.map(({ tool, rule }) => `${tool} ${rule}`)).toEqual([
    "grype CVE-2021-23337",
    "trivy CVE-2021-23337",
    "semgrep no-eval",
  ]);
  expect(checkReport("gitlab", report)).toContain('"severity":"blocker"');
  expect(checkReport("markdown", report)).toContain("### Findings that block (2)");
});

it("SARIF says what was not looked at: it is not all that there is to find", () => {
  const { problems } = readSarif(checkReport("sarif", all), "fairway");
  expect(problems).toEqual(["codeql: could not be run: no such image"]);
  expect(readSarif(checkReport("sarif", reportOf(passed, failed)), "fairway").problems).toEqual([]);
});

describe("JUnit", () => {
  it("has a suite for each check: a finding that blocks is a failure, what was not settled an error", () => {
    const xml = checkReport("junit", all);
    expect(xmlFault(xml)).toBeUndefined();
    expect(xml).toContain('<testsuites name="fairway check" tests="4" failures="2" errors="1" skipped="0">');
    expect(xml).toContain(
      '<testcase classname="semgrep" name="no-eval at src/app.ts:3" file="src/app.ts" line="3">',
    );
    expect(xml).toMatch(/<error message="could not be run: no such image" type="error">missing: an engine/);
    expect(xml).toContain("npx fairway check --only unit");
  });

  it("tells a thousand of a check one by one, and counts the others", () => {
    const xml = checkReport("junit", reportOf(scan("semgrep", many(1_200))));
    expect(xml.match(/<testcase /g)).toHaveLength(1_001);
    expect(xml).toContain("200 more findings that block");
  });
});

describe("annotations", () => {
  it("stand on their lines, with what repeats a check that has none", () => {
    expect(checkReport("github", all).split("\n").slice(0, 3)).toEqual([
      "::error title=unit failed::its step ended with exit code 1%0Agreeting.test.js: expected hello%0Anpx fairway check --only unit",
      "::error title=codeql could not be settled::could not be run: no such image%0Amissing: an engine that has it",
      "::error file=src/app.ts,line=3,endLine=3,title=high%3A eval of a value::eval of user input%0Ano-eval, found by semgrep",
    ]);
  });

  it("are as many as the host shows, the last of which counts the others", () => {
    const lines = checkReport("github", reportOf(scan("semgrep", many(30)))).split("\n");
    const errors = lines.filter((line) => line.startsWith("::error "));
    expect(errors).toHaveLength(10);
    expect(errors.at(-1)).toContain("title=and 21 more::");
  });
});

it("GitLab gets what is not suppressed, each with a fingerprint of its own", () => {
  const suppressed = { by: "source", reason: "a test" } as const;
  const report = reportOf(failed, scan("semgrep", [evalFound, { ...evalFound, rule: "other", suppressed }]));
  expect(JSON.parse(checkReport("gitlab", report))).toMatchObject([
    { check_name: "unit", severity: "blocker", location: { path: "fairway.yaml", lines: { begin: 1 } } },
    { check_name: "no-eval", severity: "critical", location: { path: "src/app.ts", lines: { begin: 3 } } },
  ]);
});

it("Markdown counts what does not fit into a comment", () => {
  const markdown = checkReport("markdown", reportOf(failed, scan("semgrep", many(5_000))));
  expect(markdown.length).toBeLessThan(65_536);
  expect(markdown).toContain("### Findings that block (5000)");
  expect(markdown).toMatch(/And \d+ more\./);
  expect(markdown).toContain("Again: `npx fairway check --only unit`");
});

it("nothing to check is said in every form", () => {
  expect(checkReport("text", reportOf())).toBe("Nothing to check.");
  expect(checkReport("markdown", reportOf())).toContain("Nothing to check.");
  expect(checkReport("html", reportOf())).toContain("Nothing to check.");
});
