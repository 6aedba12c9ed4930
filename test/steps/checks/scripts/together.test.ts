import { describe, expect, it } from "vitest";
import { validateConfig } from "../../../../src/config/config.ts";
import { silentProgress } from "../../../../src/model/progress.ts";
import { openProject, runChecks } from "../../../../src/steps/steps.ts";
import { execError, fakeClient, type FakeOptions } from "../../fake-client.ts";

const shop = {
  "package.json": JSON.stringify({
    packageManager: "pnpm@10.34.9",
    scripts: Object.fromEntries(
      ["lint", "unit", "build", "e2e", "again"].map((name) => [name, `turbo run ${name}`]),
    ),
  }),
  "pnpm-lock.yaml": "",
  "turbo.json": "{}",
};

async function run(checks: unknown[], exec: FakeOptions["exec"] = () => "", names: readonly string[] = []) {
  const fake = fakeClient({ files: shop, exec });
  const services = { api: { dockerfile: "Dockerfile", port: 3000, ready: "/" } };
  const config = validateConfig({ name: "shop", checks, services }, "test");
  const project = await openProject(fake.client, fake.source, config);
  const context = { project, progress: silentProgress, command: "npx fairway", now: new Date() };
  const evidence = await runChecks(context, names);
  const tasks = fake.execs.map((argv) => argv.join(" ")).filter((text) => /^\S+ run /.test(text));
  return { evidence, tasks, told: evidence.map(({ name, verdict, summary }) => [name, verdict, summary]) };
}

const one = "turbo run lint unit --continue=dependencies-successful";

describe("tasks of Turborepo", () => {
  it("are run by one call of it", async () => {
    const { tasks, told } = await run(["lint", "unit"]);
    expect(tasks).toEqual([one]);
    expect(told).toEqual([
      ["lint", "pass", "passed, in one call with unit"],
      ["unit", "pass", "passed, in one call with lint"],
    ]);
  });

  it("that others wait for, or that are judged by their results, are run by themselves", async () => {
    const checks = [
      "lint",
      "unit",
      "build",
      { script: "e2e", needs: ["build"] },
      { script: "again", retries: 1 },
    ];
    const { tasks } = await run(checks);
    expect(tasks.sort()).toEqual(["pnpm run again", "pnpm run build", "pnpm run e2e", one]);
  });

  it("are run as they are where only one is asked for", async () => {
    expect((await run(["lint", "unit"], undefined, ["lint"])).tasks).toEqual(["pnpm run lint"]);
  });

  it("fail where it says so, and the others are asked by themselves", async () => {
    const { evidence, tasks } = await run(["lint", "unit"], (argv) => {
      if (argv[0] === "turbo") throw execError(1, "b:unit: 1 of 3 failed\nFailed:    b#unit\n", "");
      return "";
    });
    expect(tasks).toEqual([one, "pnpm run lint"]);
    expect(evidence).toMatchObject([
      { name: "lint", verdict: "pass" },
      {
        name: "unit",
        verdict: "fail",
        summary: "turbo run unit failed: b:unit: 1 of 3 failed",
        details: "b:unit: 1 of 3 failed",
      },
    ]);
  });

  it("fail with the packages that it names, where there are several", async () => {
    const { evidence } = await run(["lint", "unit"], (argv) => {
      if (argv[0] === "turbo")
        throw execError(1, "b:unit: 1 of 3 failed\na:unit: 2 failed\nFailed:    b#unit, a#unit\n", "");
      return "";
    });
    expect(evidence[1]).toMatchObject({
      summary: "turbo run unit failed in a, b",
      details: "b:unit: 1 of 3 failed\na:unit: 2 failed",
    });
  });

  it("are all asked by themselves where it says nothing of them", async () => {
    const { evidence, tasks } = await run(["lint", "unit"], (argv) => {
      if (argv[0] === "turbo") throw execError(137, "", "");
      if (argv.includes("lint")) throw execError(1, "", "no turbo");
      return "";
    });
    expect(tasks.sort()).toEqual(["pnpm run lint", "pnpm run unit", one]);
    expect(evidence.map(({ verdict }) => verdict)).toEqual(["fail", "pass"]);
  });
});
