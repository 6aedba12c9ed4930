import { expect, it } from "vitest";
import { validateConfig } from "../../../../src/config/config.ts";
import type { ToolReport } from "../../../../src/model/finding.ts";
import { silentProgress } from "../../../../src/model/progress.ts";
import { defineCheck, openProject, runChecks } from "../../../../src/steps/steps.ts";
import { toolFinding, vulnerability } from "../../../findings/examples.ts";
import { failureOf } from "../../../support/failure-of.ts";
import { execError, fakeClient, type FakeOptions } from "../../fake-client.ts";

const files = {
  "package.json": '{ "packageManager": "pnpm@10.34.9" }',
  "pnpm-lock.yaml": "",
  "src/app.ts": "eval(x)\n",
};

interface Options extends FakeOptions {
  /** Of fairway.suppressions.yaml. */
  readonly suppressions?: string;
  /** Of vex/shop.openvex.json. */
  readonly vex?: string;
  readonly now?: Date;
  readonly policy?: object;
}

async function run(
  checks: unknown[],
  { suppressions, vex, now = day("2026-12-01"), policy = {}, ...fake }: Options = {},
  report?: ToolReport,
) {
  const all = {
    ...files,
    ...(suppressions === undefined ? {} : { "fairway.suppressions.yaml": suppressions }),
    ...(vex === undefined ? {} : { "vex/shop.openvex.json": vex }),
  };
  const { client, source, execs } = fakeClient({ files: all, ...fake });
  const service = { dockerfile: "Dockerfile", port: 3000, ready: "/" };
  const config = validateConfig(
    { name: "shop", checks, findings: policy, services: { api: service } },
    "test",
  );
  const project = await openProject(client, source, config);
  const custom = report === undefined ? [] : [defineCheck("team", () => report)];
  const found = await runChecks({ project, progress: silentProgress, command: "npx fairway", custom, now });
  return { evidence: found[0], suppression: found[1], execs };
}

const day = (text: string) => new Date(`${text}T12:00:00Z`);
const judge = async (report: ToolReport) => (await run([], {}, report)).evidence;
const high = toolFinding({ severity: "high", locations: [{ path: "src/app.ts", line: 1 }] });

it("a high finding fails the check of the team that answers it, with its place and the tool", async () => {
  const evidence = await judge({ findings: [high, toolFinding({ severity: "low" })], problems: [] });
  expect(evidence).toMatchObject({
    ...{
      name: "team",
      verdict: "fail",
      summary: "1 high; 1 tracked",
      repeat: "npx fairway check --only team",
    },
    details: "high     eval of a value (no-eval)\n         at src/app.ts:1\n         found by semgrep",
    findings: [{ severity: "high" }, { severity: "low" }],
  });
});

it("a medium one is told, and passes; a suppressed one is counted", async () => {
  const suppressed = { by: "source", reason: "test data" } as const;
  const evidence = await judge({
    findings: [toolFinding(), { ...high, rule: "other", suppressed }],
    problems: [],
  });
  expect(evidence).toMatchObject({ verdict: "pass", summary: "1 to look at, 1 suppressed" });
  expect(evidence).toHaveProperty("details", expect.stringContaining("medium"));
});

it("nothing found is a pass, and says so", async () => {
  expect(await judge({ findings: [], problems: [] })).toMatchObject({
    verdict: "pass",
    summary: "nothing found",
  });
});

it("a tool that could not look at everything has not shown that there is nothing", async () => {
  expect(await judge({ findings: [], problems: ["a.ts could not be parsed"] })).toMatchObject({
    verdict: "insufficient",
    missing: "a.ts could not be parsed",
  });
});

it("what it found all the same fails", async () => {
  expect(await judge({ findings: [high], problems: ["x"] })).toMatchObject({ verdict: "fail" });
});

const report = (results: readonly object[]) =>
  JSON.stringify({ version: "2.1.0", runs: [{ tool: { driver: { name: "secretlint" } }, results }] });
const leak = {
  ...{ level: "error", ruleId: "@secretlint/preset > @secretlint/secretlint-rule-aws" },
  message: { text: "found AWS Access Key ID: ********" },
  locations: [{ physicalLocation: { artifactLocation: { uri: "src/app.ts" }, region: { startLine: 1 } } }],
};

it("secretlint is run in its pinned version, and its findings are secrets by their own names", async () => {
  const { evidence, execs } = await run([{ scan: "secretlint" }], { written: () => report([leak]) });
  expect(evidence).toMatchObject({
    ...{ name: "secretlint", verdict: "fail" },
    findings: [{ kind: "secret", rule: "@secretlint/secretlint-rule-aws", title: "AWS Access Key ID" }],
  });
  expect(execs[0]).toContainEqual(expect.stringMatching(/^secretlint@\d+\.\d+\.\d+$/));
});

it("a scanner that cannot be run is insufficient, with its own words: it never fails by its exit code", async () => {
  const exec = () => {
    throw execError(1, "", "npm error ENOTFOUND");
  };
  expect((await run([{ scan: "secretlint" }], { exec })).evidence).toMatchObject({
    ...{ verdict: "insufficient", summary: "could not be run: its step ended with exit code 1" },
    missing: "npm error ENOTFOUND",
  });
});

it("a report that cannot be read is insufficient", async () => {
  expect((await run([{ scan: "secretlint" }], { written: () => "{" })).evidence).toMatchObject({
    verdict: "insufficient",
    summary: expect.stringContaining("the report of secretlint cannot be read"),
  });
});

const wanted = (facts: string) =>
  `- { rule: no-eval, ${facts}, reason: A test of the parser, owner: ada@example.com }\n`;

it("what is suppressed is what one rule finds in a line, and no other secret there", async () => {
  const secret = (rule: string) =>
    toolFinding({ kind: "secret", severity: "high", rule, locations: [{ path: ".env", line: 1 }] });
  const report = { findings: [secret("generic-api-key"), secret("aws-access-token")], problems: [] };
  const entry = (rule: string) =>
    `- { rule: ${rule}, reason: test data, owner: ada@example.com, until: 2027-01-31 }\n`;
  const one = await run([], { suppressions: entry("generic-api-key") }, report);
  expect(one.evidence).toMatchObject({ verdict: "fail", summary: "1 high" });
  expect(one.suppression).toBeUndefined();
  const both = entry("generic-api-key") + entry("aws-access-token");
  const { evidence } = await run([], { suppressions: both }, report);
  expect(evidence).toMatchObject({ verdict: "pass", summary: "1 suppressed" });
});

it("what a person suppresses blocks nothing, until the day after it ends", async () => {
  const suppressions = wanted('path: "src/**", until: 2026-12-01');
  const report = { findings: [high], problems: [] };
  const before = await run([], { suppressions, now: new Date("2026-12-01T23:59:59Z") }, report);
  expect(before.evidence).toMatchObject({ verdict: "pass", summary: "1 suppressed" });
  expect(before.suppression).toBeUndefined();
  const after = await run([], { suppressions, now: new Date("2026-12-02T00:00:00Z") }, report);
  expect(after.evidence).toMatchObject({ verdict: "fail", summary: "1 high" });
  expect(after.suppression).toMatchObject({
    ...{ name: "suppressions", verdict: "fail" },
    details:
      "no-eval in src/** was suppressed until 2026-12-01: fix it, or ask ada@example.com whether it may stay",
  });
});

it.each([
  ["another path", 'path: "test/**", until: 2027-01-01'],
  ["another package", "package: lodash, until: 2027-01-01"],
])("one of %s suppresses nothing, and is told to be taken out", async (_, facts) => {
  const { evidence, suppression } = await run(
    [],
    { suppressions: wanted(facts) },
    { findings: [high], problems: [] },
  );
  expect(evidence?.verdict).toBe("fail");
  expect(suppression).toHaveProperty(
    "details",
    expect.stringContaining("nothing is found for it: take it out"),
  );
});

it("a finding in two files is not suppressed by a decision about one of them", async () => {
  const both = { ...high, locations: [...high.locations, { path: "test/x.ts", line: 1 }] };
  const suppressions = wanted('path: "src/**", until: 2027-01-01');
  expect((await run([], { suppressions }, { findings: [both], problems: [] })).evidence?.verdict).toBe(
    "fail",
  );
});

it("where a scanner could not run, nobody knows that nothing is found for a suppression", async () => {
  const exec = () => {
    throw execError(1);
  };
  const { evidence, suppression } = await run([{ scan: "secretlint" }], {
    exec,
    suppressions: wanted("until: 2027-01-01"),
  });
  expect(evidence?.verdict).toBe("insufficient");
  expect(suppression).toBeUndefined();
});

it("a suppression without reason, owner or end is an error with its place, all at once", async () => {
  const error = await failureOf(run([], { suppressions: "- rule: no-eval\n  until: soon\n" }));
  expect(error).toMatchObject({ code: "SUPPRESSIONS_INVALID", exitCode: 2 });
  expect(error.output?.split("\n")).toEqual([
    "fairway.suppressions.yaml:1:3 [0].reason: is missing: must be a text",
    "fairway.suppressions.yaml:1:3 [0].owner: is missing: must be a text",
    "fairway.suppressions.yaml:2:10 [0].until: must be a day: 2027-01-31",
  ]);
});

it.each([
  [{ severities: { high: "warn" } }, "pass"],
  [{ severities: { critical: "block" } }, "fail"],
])("the policy %j makes a high finding a %s", async (policy, verdict) => {
  expect((await run([], { policy }, { findings: [high], problems: [] })).evidence?.verdict).toBe(verdict);
});

it("a secret of which nobody could tell whether it works blocks, unless the team says otherwise", async () => {
  const secret = toolFinding({ kind: "secret", severity: "medium", verification: "unverified" });
  const report = { findings: [secret], problems: [] };
  expect((await run([], {}, report)).evidence?.verdict).toBe("fail");
  expect((await run([], { policy: { unverifiedSecrets: "warn" } }, report)).evidence?.verdict).toBe("pass");
});

it("what a VEX document calls fixed blocks nothing; a statement about nothing here is told, and fails nothing", async () => {
  const said = (name: string) => ({
    ...{ vulnerability: { name }, status: "fixed", products: [{ "@id": "pkg:npm/lodash" }] },
  });
  const vex = JSON.stringify({
    ...{ "@context": "https://openvex.dev/ns/v0.2.0", author: "Ada", timestamp: "2026-11-01T00:00:00Z" },
    statements: [said("CVE-2021-23337"), said("CVE-2020-1")],
  });
  const lodash = vulnerability({ rule: "CVE-2021-23337", severity: "high" });
  const policy = { vex: ["vex/*.json", "other/*.json"] };
  const { evidence, suppression } = await run([], { vex, policy }, { findings: [lodash], problems: [] });
  expect(evidence).toMatchObject({ verdict: "pass", summary: "1 suppressed" });
  expect(suppression).toMatchObject({
    ...{ name: "vex", verdict: "pass" },
    details:
      "findings.vex: no file is like other/*.json\n" +
      "vex/shop.openvex.json statement 2 matches nothing that was found: cve-2020-1",
  });
});
