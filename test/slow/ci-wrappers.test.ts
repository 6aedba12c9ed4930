import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { execa } from "execa";
import { afterAll, beforeAll, expect, it } from "vitest";
import { parse } from "yaml";
import { copyExample } from "../../scripts/copy-example.ts";
import { startRegistry, type PackageRegistry } from "../../scripts/registry/registry.ts";
import { userEnvironment } from "../../scripts/user-environment.ts";

let directory: string;
let registry: PackageRegistry;

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), "fairway-ci-"));
  registry = await startRegistry();
  await copyExample("shop", join(directory, "shop"), { registryUrl: registry.url });
});

afterAll(async () => {
  await run("npx --no-install fairway down --env local --remove-data", {});
  await registry.close();
  await rm(directory, { recursive: true, force: true });
});

/** As a CI's runner does: each line in a shell, in the checkout, with the job's variables. */
async function run(line: string, variables: Record<string, string>) {
  return execa("sh", ["-ec", line], {
    cwd: join(directory, "shop"),
    env: { ...userEnvironment(), CI: "true", ...variables },
    extendEnv: false,
    all: true,
    reject: false,
  });
}

const yaml = async (file: string): Promise<unknown> =>
  parse(await readFile(join(import.meta.dirname, "../../ci", file), "utf8"));

it("the run lines of the GitHub Actions wrapper deploy a checkout", async () => {
  const workflow = (await yaml("github-actions.yml")) as {
    jobs: { deploy: { steps: { run?: string; env?: Record<string, string> }[] } };
  };
  const lines = workflow.jobs.deploy.steps.flatMap((step) => (step.run === undefined ? [] : [step.run]));
  expect(lines).toHaveLength(2);
  for (const line of lines) {
    const result = await run(line, { FAIRWAY_ENV: "local", GITHUB_REF_NAME: "main" });
    expect(result.exitCode, result.all).toBe(0);
  }
});

it("the run lines of the GitLab wrapper find nothing to do after that", async () => {
  const pipeline = (await yaml("gitlab-ci.yml")) as { deploy: { script: string[] } };
  const outputs: string[] = [];
  for (const line of pipeline.deploy.script) {
    const result = await run(line, { FAIRWAY_ENV: "local", CI_COMMIT_REF_NAME: "main" });
    expect(result.exitCode, result.all).toBe(0);
    outputs.push(result.all);
  }
  expect(outputs.at(-1)).toContain("Nothing to do");
});
