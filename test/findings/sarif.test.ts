import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { mergeFindings, writeSarif } from "../../src/findings/findings.ts";
import { readSarif } from "../../src/findings/read/sarif.ts";
import { isFairwayError } from "../../src/model/errors.ts";
import { sarifErrors } from "../support/sarif-schema.ts";
import { failureOf } from "../support/failure-of.ts";
import { toolFindings } from "./examples.ts";

const written = { version: "1.0.0", complete: true, notifications: [] };

function sarif(run: object, driver: object = { name: "semgrep", semanticVersion: "1.2.3" }): string {
  return JSON.stringify({ version: "2.1.0", runs: [{ tool: { driver }, ...run }] });
}

function oneOf(result: object, driver?: object) {
  return readSarif(sarif({ results: [{ message: { text: "m" }, ...result }] }, driver), "semgrep")
    .findings[0];
}

function refused(text: string) {
  return failureOf(Promise.resolve().then(() => readSarif(text, "semgrep")));
}

describe("what is read", () => {
  it("rule, place, severity by score before level, weakness, page and the tool's version", () => {
    const rules = [
      {
        id: "js.eval",
        shortDescription: { text: "eval of user input" },
        helpUri: "https://rules.example/js.eval",
        properties: { "security-severity": "9.8", tags: ["CWE-95: Eval injection", "external/cwe/cwe-079"] },
      },
    ];
    const physicalLocation = {
      artifactLocation: { uri: "file:///workspace/src/a%20b.ts" },
      region: { startLine: 3, startColumn: 5, endLine: 3, endColumn: 12, snippet: { text: "eval(x)" } },
    };
    const found = oneOf(
      { ruleId: "js.eval", ruleIndex: 0, level: "warning", locations: [{ physicalLocation }] },
      { name: "semgrep", semanticVersion: "1.2.3", rules },
    );
    expect(found).toEqual({
      ...{ kind: "code", severity: "critical", rule: "js.eval", title: "eval of user input", message: "m" },
      locations: [{ path: "src/a b.ts", line: 3, column: 5, endLine: 3, endColumn: 12, snippet: "eval(x)" }],
      ...{ aliases: [], weaknesses: ["CWE-79", "CWE-95"], help: "https://rules.example/js.eval" },
      ...{ tool: "semgrep", toolVersion: "1.2.3" },
    });
  });

  it("a rule that an extension of the tool brings, and a message by its number in the rule", () => {
    const extensions = [
      {
        name: "codeql/javascript-queries",
        rules: [
          {
            id: "js/xss",
            messageStrings: { default: { text: "{0} reaches {1}" } },
            defaultConfiguration: { level: "error" },
          },
        ],
      },
    ];
    const text = JSON.stringify({
      version: "2.1.0",
      runs: [
        {
          tool: { driver: { name: "CodeQL" }, extensions },
          results: [
            {
              rule: { id: "js/xss", index: 0, toolComponent: { index: 0 } },
              message: { id: "default", arguments: ["input", "HTML"] },
            },
          ],
        },
      ],
    });
    expect(readSarif(text, "codeql").findings[0]).toMatchObject({
      severity: "high",
      message: "input reaches HTML",
      rule: "js/xss",
    });
  });

  it("an index that points to another rule than the id does not count", () => {
    const rules = [
      { id: "other", defaultConfiguration: { level: "note" } },
      { id: "mine", defaultConfiguration: { level: "error" } },
    ];
    expect(oneOf({ ruleId: "mine", ruleIndex: 0 }, { name: "x", rules })?.severity).toBe("high");
  });

  it.each([
    [{ kind: "pass" }, 0],
    [{ kind: "notApplicable" }, 0],
    [{ baselineState: "absent" }, 0],
    [{ kind: "open" }, 1],
    [{ kind: "review" }, 1],
    [{ level: "none" }, 1],
  ])("a result with %j is %i finding", (facts, count) => {
    expect([oneOf(facts)].filter((finding) => finding !== undefined)).toHaveLength(count);
  });

  it.each([
    [[{ kind: "inSource", justification: "test data" }], { by: "source", reason: "test data" }],
    [[{ kind: "external", status: "accepted" }], { by: "tool", reason: "" }],
    [[{ kind: "inSource", status: "underReview" }], undefined],
    [[{ kind: "inSource" }, { kind: "external", status: "rejected" }], undefined],
    [[], undefined],
  ])("suppressions %j are %j", (suppressions, expected) => {
    expect(oneOf({ suppressions })?.suppressed).toEqual(expected);
  });

  it("several runs, each by its own tool", () => {
    const run = (name: string) => ({ tool: { driver: { name } }, results: [{ message: { text: name } }] });
    const { findings } = readSarif(JSON.stringify({ version: "2.1.0", runs: [run("a"), run("b")] }), "x");
    expect(findings.map(({ tool }) => tool)).toEqual(["a", "b"]);
  });

  it("a tool that says that it did not end well is a problem, with its words", () => {
    const invocations = [
      { executionSuccessful: false },
      {
        executionSuccessful: true,
        toolExecutionNotifications: [
          { level: "error", message: { text: "could not parse a.ts\nat 3" } },
          { level: "note", message: { text: "hello" } },
        ],
      },
    ];
    expect(readSarif(sarif({ invocations, results: [] }), "semgrep").problems).toEqual([
      "semgrep says that it did not end well",
      "could not parse a.ts",
    ]);
  });

  it.each([
    ["has no run", { runs: [] }],
    ["has a run that says nothing of results", { runs: [{ tool: { driver: { name: "t" } } }] }],
    ["could not write its results", { runs: [{ tool: { driver: { name: "t" } }, results: null }] }],
    [
      "has results in other files",
      {
        runs: [
          {
            ...{ tool: { driver: { name: "t" } }, results: [] },
            externalPropertyFileReferences: { results: [{ location: { uri: "more.sarif" }, itemCount: 3 }] },
          },
        ],
      },
    ],
    [
      "could not load a rule",
      {
        runs: [
          {
            ...{ tool: { driver: { name: "t" } }, results: [] },
            invocations: [
              {
                executionSuccessful: true,
                toolConfigurationNotifications: [{ level: "error", message: { text: "js/xss is broken" } }],
              },
            ],
          },
        ],
      },
    ],
  ])("a report that %s does not say that nothing was found", (_, log) => {
    const { findings, problems } = readSarif(JSON.stringify({ version: "2.1.0", ...log }), "t");
    expect(findings).toEqual([]);
    expect(problems).toHaveLength(1);
  });

  it.each(["", " ", "0.0", "n/a", false, [], null])("the score %j is none, and the level counts", (score) => {
    const properties = { "security-severity": score };
    expect(oneOf({ ruleId: "a", level: "error", properties })).toMatchObject({ severity: "high" });
  });

  it.each([
    ["by a tool that looks for nothing else", "gitleaks", "aws-access-token", [], {}],
    [
      "by the name of the rule, whatever else the tool looks for",
      "semgrep",
      "hardcoded_secret",
      [],
      { kind: "code" },
    ],
    ["by the weakness", "CodeQL", "js/credentials", ["external/cwe/cwe-798"], { kind: "code" }],
  ] as const)("what is known to be a secret %s is not quoted", (_, name, id, tags, options) => {
    const region = { startLine: 1, snippet: { text: "key = AKIA42" } };
    const text = sarif(
      {
        results: [
          {
            ...{ ruleId: id, message: { text: 'The value "AKIA42" is a key' } },
            locations: [{ physicalLocation: { artifactLocation: { uri: "a.ts" }, region } }],
          },
        ],
      },
      { name, rules: [{ id, properties: { tags } }] },
    );
    const { findings } = readSarif(text, name, options);
    expect(findings).toMatchObject([{ kind: "secret", message: 'The value "***" is a key' }]);
    expect(JSON.stringify(findings)).not.toContain("AKIA");
  });

  it("the snippet of a secret is not kept", () => {
    const physicalLocation = {
      artifactLocation: { uri: "a" },
      region: { startLine: 1, snippet: { text: "AKIA" } },
    };
    const text = sarif({ results: [{ message: { text: "m" }, locations: [{ physicalLocation }] }] });
    expect(JSON.stringify(readSarif(text, "gitleaks", { kind: "secret" }))).not.toContain("AKIA");
  });
});

describe("what is not read", () => {
  it.each([
    ["", "it is empty"],
    ["{", /it ends too early|it is no JSON/],
    ["null", "expected object"],
    ['{"runs":[]}', /version: must be 2\.1\.0/],
    ['{"version":"2.1.0"}', /runs: .*array/],
    ['{"version":"2.1.0","runs":[{}]}', /runs\[0\]\.tool: /],
    [sarif({ results: [{ message: { text: "m" } }, {}] }), /runs\[0\]\.results\[1\]\.message: /],
    [sarif({ results: [{ message: { text: "m" }, ruleId: 7 }] }), /runs\[0\]\.results\[0\]\.ruleId: /],
  ])("%j", async (text, words) => {
    const error = await refused(text);
    expect(error).toMatchObject({ code: "FINDINGS_UNREADABLE", exitCode: 1, place: "semgrep" });
    expect(error.message).toMatch(words);
  });

  it("nothing of the text is in the error: it may hold a secret", async () => {
    const error = await refused('{"version": AKIAIOSFODNN7EXAMPLE}');
    expect(error.message).not.toContain("AKIA");
  });

  it("whatever the input, it is a report or that error", () => {
    const shapes = fc.oneof(
      fc.string(),
      fc.json(),
      fc
        .json()
        .map((value) => `{"version":"2.1.0","runs":[{"tool":{"driver":{"name":"x"}},"results":[${value}]}]}`),
      fc
        .tuple(toolFindings, fc.nat(4000))
        .map(([findings, at]) => writeSarif(mergeFindings(findings), written).slice(0, -1 - at)),
    );
    fc.assert(
      fc.property(shapes, (text) => {
        try {
          readSarif(text, "x");
        } catch (error) {
          expect(isFairwayError(error) && error.code).toBe("FINDINGS_UNREADABLE");
        }
      }),
    );
  });
});

describe("what is written", () => {
  it("is SARIF 2.1.0, and reading it gives the same findings", () => {
    fc.assert(
      fc.property(toolFindings, (reports) => {
        const findings = mergeFindings(reports);
        const text = writeSarif(findings, written);
        expect(sarifErrors(text)).toBeNull();
        expect(mergeFindings(readSarif(text, "fairway").findings)).toEqual(findings);
      }),
    );
  });

  it("is believed of Fairway's own reports alone: another tool cannot say how grave its results are", () => {
    fc.assert(
      fc.property(toolFindings, (reports) => {
        const findings = mergeFindings(reports).map((finding) => ({ ...finding, severity: "info" as const }));
        const text = writeSarif(findings, written);
        const claimed = text.replace('"driver":{"name":"Fairway"', '"driver":{"name":"Other"');
        const names = readSarif(claimed, "other").findings.map(({ fingerprints, tool }) => [
          fingerprints,
          tool,
        ]);
        expect(names).toEqual(names.map(() => [undefined, "Other"]));
      }),
    );
  });

  it("each result has a place, as code hosts want it, and problems are told", () => {
    const text = writeSarif(
      mergeFindings([{ ...readSarif(sarif({ results: [{ message: { text: "m" } }] }), "x").findings[0]! }]),
      { complete: false, notifications: [{ level: "error", text: "trivy: no database" }] },
    );
    expect(JSON.parse(text)).toMatchObject({
      runs: [
        {
          invocations: [
            {
              executionSuccessful: false,
              toolExecutionNotifications: [{ level: "error", message: { text: "trivy: no database" } }],
            },
          ],
          results: [{ locations: [{ physicalLocation: { region: { startLine: 1 } } }] }],
        },
      ],
    });
  });
});
