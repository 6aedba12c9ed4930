import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
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

const git = (...args: string[]) => execa("git", args, { cwd: join(directory, "shop") });

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

it("the run lines of the GitHub Actions check tell each check of a pull request, and find no fault in one that adds nothing", async () => {
  await git("update-ref", "refs/remotes/origin/main", "HEAD");
  const workflow = (await yaml("github-check.yml")) as { jobs: { check: { steps: { run?: string }[] } } };
  const lines = workflow.jobs.check.steps.flatMap((step) => (step.run === undefined ? [] : [step.run]));
  expect(lines).toHaveLength(2);
  const outputs: string[] = [];
  for (const line of lines) {
    const result = await run(line, { GITHUB_BASE_REF: "main" });
    expect(result.exitCode, result.all).toBe(0);
    outputs.push(result.all);
  }
  expect(outputs.at(-1)).toContain("typecheck");
});

it("the GitLab check leaves a report also where it fails", async () => {
  const base = (await git("rev-parse", "HEAD")).stdout;
  const source = join(directory, "shop/apps/api/src/main.ts");
  const text = await readFile(source, "utf8");
  await writeFile(source, `${text}\nexport const wrong: number = "words";\n`);
  try {
    const pipeline = (await yaml("gitlab-check.yml")) as { check: { script: string[] } };
    const line = pipeline.check.script.at(-1) ?? "";
    const result = await run(line, { CI_MERGE_REQUEST_DIFF_BASE_SHA: base });
    expect(result.exitCode, result.all).toBe(1);
    const report = JSON.parse(
      await readFile(join(directory, "shop/gl-code-quality.json"), "utf8"),
    ) as unknown[];
    expect(JSON.stringify(report)).toContain("typecheck");
  } finally {
    await writeFile(source, text);
    await rm(join(directory, "shop/gl-code-quality.json"), { force: true });
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
