import { expect, it } from "vitest";
import { validateConfig } from "../../../../src/config/config.ts";
import { silentProgress } from "../../../../src/model/progress.ts";
import { openProject, runReleaseScript } from "../../../../src/steps/steps.ts";
import { failureOf } from "../../../support/failure-of.ts";
import { type Call, execError, fakeClient, type FakeOptions } from "../../fake-client.ts";

const config = validateConfig(
  { name: "shop", services: { api: { dockerfile: "Dockerfile", port: 3000, ready: "/" } } },
  "test",
);

async function run(script: string, options: FakeOptions = {}) {
  const files = {
    "package.json": JSON.stringify({ scripts: { "test:live": "node live.js" } }),
    "package-lock.json": "",
  };
  const fake = fakeClient({ files, ...options });
  const project = await openProject(fake.client, fake.source, config);
  const ended = runReleaseScript(
    project,
    {
      script,
      environment: "staging",
      urls: { api: "https://api.example", "public-web": "https://shop.example" },
      operationId: "staging-1/3/1",
      fencingToken: 1,
      runId: "staging-1/3/1/unique",
      signal: new AbortController().signal,
    },
    silentProgress,
  );
  return { ended, ...fake };
}

it("a script is run by the package manager against what serves, and told what it is a part of", async () => {
  let chain: readonly Call[] = [];
  const { ended, execs } = await run("test:live", {
    exec: (argv, before) => {
      if (argv.includes("test:live")) chain = before;
      return "";
    },
  });
  expect(await ended).toEqual({ observed: "test:live passed" });
  expect(execs.map((argv) => argv.join(" "))).toContain("npm run test:live");
  expect(chain).toContainEqual(["withEnvVariable", "FAIRWAY_OPERATION_ID", "staging-1/3/1"]);
  expect(chain).toContainEqual(["withEnvVariable", "FAIRWAY_FENCING_TOKEN", "1"]);
});

it("one that fails says its own words, and how it is run alone", async () => {
  const { ended } = await run("test:live", {
    exec: (argv) => {
      if (argv.includes("test:live")) throw execError(3, "GET /cart answered 500", "");
      return "";
    },
  });
  const failed = await failureOf(ended);
  expect(failed).toMatchObject({ code: "SMOKE_FAILED", exitCode: 1, output: "GET /cart answered 500" });
  expect(failed.remedy).toContain(
    "FAIRWAY_URL_API=https://api.example FAIRWAY_URL_PUBLIC_WEB=https://shop.example npm run test:live",
  );
});

it("one that package.json does not have is wrong usage", async () => {
  const { ended } = await run("test:lvie");
  expect(await failureOf(ended)).toMatchObject({
    code: "SCRIPT_MISSING",
    exitCode: 2,
    remedy: "It has: test:live",
  });
});
