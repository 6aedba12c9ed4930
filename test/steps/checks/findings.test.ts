import { expect, it } from "vitest";
import { validateConfig } from "../../../src/config/config.ts";
import type { ToolReport } from "../../../src/model/finding.ts";
import { silentProgress } from "../../../src/model/progress.ts";
import { defineCheck, openProject, runChecks } from "../../../src/steps/steps.ts";
import { toolFinding } from "../../findings/examples.ts";
import { execError, fakeClient, type FakeOptions } from "../fake-client.ts";

const files = {
  "package.json": '{ "packageManager": "pnpm@10.34.9" }',
  "pnpm-lock.yaml": "",
  "src/app.ts": "eval(x)\n",
};

async function run(checks: unknown[], options: FakeOptions = {}, report?: ToolReport) {
  const { client, source, execs } = fakeClient({ files, ...options });
  const service = { dockerfile: "Dockerfile", port: 3000, ready: "/" };
  const config = validateConfig({ name: "shop", checks, services: { api: service } }, "test");
  const project = await openProject(client, source, config);
  const custom = report === undefined ? [] : [defineCheck("team", () => report)];
  const [evidence] = await runChecks({ project, progress: silentProgress, command: "npx fairway", custom });
  return { evidence, execs };
}

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
