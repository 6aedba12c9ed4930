import { expect, it } from "vitest";
import { validateConfig } from "../../../../src/config/config.ts";
import type { ToolFinding } from "../../../../src/model/finding.ts";
import { silentProgress } from "../../../../src/model/progress.ts";
import { defineCheck, openProject, runChecks } from "../../../../src/steps/steps.ts";
import { toolFinding, vulnerability } from "../../../findings/examples.ts";
import { fakeClient } from "../../fake-client.ts";

const config = validateConfig(
  { name: "shop", services: { api: { dockerfile: "Dockerfile", port: 3000, ready: "/" } } },
  "test",
);

async function projectOf(app: string) {
  const files = { "package.json": '{ "packageManager": "pnpm@10.34.9" }', "pnpm-lock.yaml": "" };
  const { client, source } = fakeClient({ files: { ...files, "src/app.ts": app } });
  return openProject(client, source, config);
}

/** A check that finds something in the lines of src/app.ts that say `kind`, on a change and on what it was made from. */
async function compared(
  before: string,
  after: string,
  findingAt: (line: number, text: string) => ToolFinding | null,
) {
  let looks = 0;
  const check = defineCheck("team", async ({ source }) => {
    looks += 1;
    const lines = (await source.file("src/app.ts").contents()).split("\n");
    if (lines[0] === "broken") throw Object.assign(new Error("no such image"), { extensions: {} });
    return { problems: [], findings: lines.flatMap((text, at) => findingAt(at + 1, text) ?? []) };
  });
  const base = { name: "origin/main", project: () => projectOf(before) };
  const context = { project: await projectOf(after), progress: silentProgress, command: "npx fairway" };
  const [evidence] = await runChecks({ ...context, base, custom: [check], now: new Date(0) });
  return { evidence, looks };
}

const place = (line: number) => [{ path: "src/app.ts", line }];
const evals = (line: number, text: string) =>
  text.includes("eval") ? toolFinding({ severity: "high", locations: place(line) }) : null;
const keys = (line: number, text: string) =>
  text.includes("AKIA")
    ? toolFinding({ kind: "secret", severity: "critical", rule: "aws", locations: place(line) })
    : null;

it("what the base has too is told as old, also in another line, and fails nothing", async () => {
  const { evidence } = await compared("eval(a)", "// a line above\neval(a)", evals);
  expect(evidence).toMatchObject({ verdict: "pass", summary: "1 old", findings: [{ treatment: "old" }] });
});

it("what a change adds fails, a second one like the old one too", async () => {
  expect((await compared("", "eval(a)", evals)).evidence).toMatchObject({
    verdict: "fail",
    summary: "1 high",
  });
  expect((await compared("eval(a)", "eval(a)\neval(a)", evals)).evidence).toMatchObject({
    ...{ verdict: "fail", summary: "1 high; 1 old" },
  });
});

it("a package that is as vulnerable as before is old, whatever its version", async () => {
  const audit = (_line: number, version: string) =>
    vulnerability({
      ...{ rule: "CVE-2021-23337", severity: "high" },
      package: { ecosystem: "npm", name: "lodash", versions: [version], fixed: [] },
    });
  expect((await compared("4.17.1", "4.17.2", audit)).evidence).toMatchObject({ verdict: "pass" });
});

it("a secret in the place of an old one is a new one", async () => {
  expect((await compared("AKIA1", "AKIA1", keys)).evidence).toMatchObject({ verdict: "pass" });
  expect((await compared("AKIA1", "AKIA2", keys)).evidence).toMatchObject({ verdict: "fail" });
});

it("a key of several lines is a new one where any of them is another", async () => {
  const blocks = (line: number, text: string) =>
    text.includes("-----BEGIN")
      ? toolFinding({ kind: "secret", severity: "critical", rule: "private-key", locations: place(line) })
      : null;
  const key = (body: string) => `-----BEGIN PRIVATE KEY-----\n${body}\n-----END PRIVATE KEY-----`;
  const old = `// moved\n${key("MIIa")}\n// changed after it`;
  expect((await compared(key("MIIa"), old, blocks)).evidence).toMatchObject({ verdict: "pass" });
  expect((await compared(key("MIIa"), key("MIIb"), blocks)).evidence).toMatchObject({ verdict: "fail" });
});

it("a base that cannot be looked at makes everything new, and that is said", async () => {
  expect((await compared("broken", "eval(a)", evals)).evidence).toMatchObject({
    verdict: "fail",
    summary: "1 high; everything counts as new: origin/main could not be looked at: no such image",
  });
});

it("where nothing is found the base is not asked", async () => {
  expect(await compared("eval(a)", "", evals)).toMatchObject({ looks: 1, evidence: { verdict: "pass" } });
});
