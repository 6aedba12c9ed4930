import { expect, it } from "vitest";
import { validateConfig } from "../../../src/config/config.ts";
import { silentProgress } from "../../../src/model/progress.ts";
import { openProject, runChecklistScripts } from "../../../src/steps/steps.ts";
import { execError, fakeClient, type Call, type FakeOptions } from "../fake-client.ts";

const files = {
  "package.json": JSON.stringify({
    packageManager: "pnpm@10.34.9",
    scripts: { "docs:check": "node docs.js" },
  }),
  "pnpm-lock.yaml": "",
  "turbo.json": "{}",
};

async function run(operationId: string, scripts: Record<string, string>, options: FakeOptions = {}) {
  const { client, source } = fakeClient({ files, ...options });
  const service = { dockerfile: "Dockerfile", port: 3000, ready: "/" };
  const config = validateConfig({ name: "shop", services: { api: service } }, "test");
  const project = await openProject(client, source, config);
  return runChecklistScripts(
    Object.entries(scripts).map(([name, script]) => ({ name, script })),
    { project, progress: silentProgress, command: "npx fairway", environment: "production", operationId },
  );
}

it("a script of the checklist is run for each call: no result of another one is taken for it", async () => {
  const chains: (readonly Call[])[] = [];
  const exec = (argv: readonly string[], chain: readonly Call[]) => {
    if (argv.includes("docs:check")) chains.push(chain);
    return "";
  };
  for (const call of ["one", "two"]) {
    const evidence = await run(call, { docs: "docs:check" }, { exec });
    expect(evidence).toMatchObject([{ name: "docs", verdict: "pass" }]);
  }
  const valuesOf = (variable: string) =>
    chains.map(
      (chain) => chain.find(([method, name]) => method === "withEnvVariable" && name === variable)?.[2],
    );
  expect(new Set(valuesOf("FAIRWAY_OPERATION_ID"))).toEqual(new Set(["one", "two"]));
  expect(new Set(valuesOf("FAIRWAY_ENVIRONMENT"))).toEqual(new Set(["production"]));
  // Nor is one of the task runner's.
  expect(new Set(valuesOf("TURBO_FORCE"))).toEqual(new Set(["true"]));
  expect(chains.flat().map(([, path]) => path)).not.toContain("/var/cache/fairway/turbo");
});

it("one that fails has its output and the command that repeats it; the others are run all the same", async () => {
  const exec = (argv: readonly string[]) => {
    if (argv.includes("docs:check")) throw execError(3, "README.md: no such link");
    return "";
  };
  const [docs, none] = await run("one", { docs: "docs:check", none: "nothing" }, { exec });
  expect(docs).toMatchObject({
    verdict: "fail",
    summary: "its step ended with exit code 3",
    details: "README.md: no such link",
    repeat: "pnpm run docs:check",
  });
  expect(none).toMatchObject({
    verdict: "insufficient",
    summary: "package.json has no script nothing",
    missing: "It has: docs:check",
  });
});

it("an install that fails is no failure of the script: it could not be run", async () => {
  const exec = (argv: readonly string[]) => {
    if (argv.includes("install")) throw execError(1, "", "ERR_PNPM_OUTDATED_LOCKFILE");
    return "";
  };
  expect(await run("one", { docs: "docs:check" }, { exec })).toMatchObject([
    { verdict: "insufficient", summary: "the script docs:check could not be run: the install failed" },
  ]);
});
