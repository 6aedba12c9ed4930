import { describe, expect, it } from "vitest";
import { validateConfig } from "../../../../src/config/config.ts";
import { silentProgress } from "../../../../src/model/progress.ts";
import { openProject, runChecks } from "../../../../src/steps/steps.ts";
import { type Call, execError, fakeClient } from "../../fake-client.ts";

const files = {
  "package.json": JSON.stringify({
    packageManager: "pnpm@10.34.9",
    scripts: { lint: "eslint .", e2e: "turbo run e2e", unit: "turbo run unit", types: "turbo run types" },
  }),
  "pnpm-lock.yaml": "",
  "turbo.json": "{}",
};
const chromium = "/usr/bin/chromium\nChromium 156.0.8078.79\n";

type Answer = (argv: readonly string[]) => string;

/** Runs the checks; answers what they found, and what stood before the step of a script. */
async function ran(checks: unknown[], config: object = {}, answer: Answer = () => chromium) {
  const chains = new Map<string, readonly Call[]>();
  const fake = fakeClient({
    files,
    exec: (argv, before) => {
      chains.set(argv.join(" "), before);
      return argv.join(" ").includes("# have a browser") ? answer(argv) : "";
    },
  });
  const project = await openProject(
    fake.client,
    fake.source,
    validateConfig({ name: "shop", checks, ...config }, "test"),
  );
  const context = { project, progress: silentProgress, command: "npx fairway", now: new Date() };
  const evidence = await runChecks(context);
  const before = (script: string) => chains.get(`pnpm run ${script}`) ?? [];
  return { evidence, before, execs: fake.execs.map((argv) => argv.join(" ")) };
}

const variablesOf = (chain: readonly Call[]) =>
  Object.fromEntries(
    chain.filter(([name]) => name === "withEnvVariable").map(([, ...pair]) => pair as [string, string]),
  );

describe("a script with a browser", () => {
  const e2e = { script: "e2e", browser: true };

  it("is told where the browser is, by the variables that tools ask, before anything is installed", async () => {
    const { evidence, before } = await ran([e2e]);
    expect(evidence).toMatchObject([{ name: "e2e", verdict: "pass" }]);
    const path = "/usr/bin/chromium";
    expect(variablesOf(before("e2e"))).toMatchObject({
      ...{ CHROME_BIN: path, CHROMIUM_BIN: path, CHROME_PATH: path, PUPPETEER_EXECUTABLE_PATH: path },
      ...{ PUPPETEER_SKIP_DOWNLOAD: "true", PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD: "1" },
    });
    const order = before("e2e").map((call) => JSON.stringify(call));
    const placeOf = (text: string) => order.findIndex((call) => call.includes(text));
    expect(placeOf("node:24-bookworm")).toBe(0);
    expect(placeOf("# have a browser")).toBeLessThan(placeOf("--frozen-lockfile"));
    expect(placeOf("PUPPETEER_SKIP_DOWNLOAD")).toBeLessThan(placeOf("--frozen-lockfile"));
  });

  it("has an install of its own, which others neither wait for nor see", async () => {
    const { execs, before } = await ran([e2e, "lint"]);
    expect(execs.filter((text) => text.startsWith("pnpm install"))).toHaveLength(2);
    expect(variablesOf(before("lint"))).not.toHaveProperty("CHROME_BIN");
    const alone = await ran([e2e]);
    expect(alone.execs.filter((text) => text.startsWith("pnpm install"))).toHaveLength(1);
  });

  it("is run in the image that the config names; browsers that an image of Playwright's brings are left to it", async () => {
    const image = "mcr.microsoft.com/playwright:v1.65.1-noble";
    const { evidence, before } = await ran([e2e], { toolImages: { browser: image } }, () => "");
    expect(evidence).toMatchObject([{ verdict: "pass" }]);
    expect(before("e2e")[0]).toEqual(["from", image]);
    expect(variablesOf(before("e2e"))).not.toHaveProperty("CHROME_BIN");
    expect(variablesOf(before("e2e"))).not.toHaveProperty("PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD");
  });

  it("is not run in one call with other tasks of Turborepo, which have no browser", async () => {
    const { evidence, execs } = await ran([e2e, "unit", "types"]);
    expect(evidence.map(({ verdict }) => verdict)).toEqual(["pass", "pass", "pass"]);
    expect(execs).toContain("pnpm run e2e");
    expect(execs.filter((text) => /turbo run|pnpm run/.test(text))).toEqual([
      "turbo run unit types --continue=dependencies-successful",
      "pnpm run e2e",
    ]);
  });

  it("is insufficient, never a pass, where there is no browser and none can be installed; others are run", async () => {
    const { evidence, execs } = await ran([e2e, "lint"], {}, () => {
      throw execError(100, "", "E: Unable to locate package chromium");
    });
    expect(evidence).toMatchObject([
      {
        verdict: "insufficient",
        summary: "could not be run: there is no browser in node:24-bookworm, and none could be installed",
        missing: expect.stringMatching(/apt-get install chromium.*toolImages: \{ browser: /),
        details: "E: Unable to locate package chromium",
      },
      { verdict: "pass" },
    ]);
    expect(execs).not.toContain("pnpm run e2e");
  });
});

describe("a script with servers of its own", () => {
  it("finds Redis and a database, which has no tables where the repository has no migrations", async () => {
    const { evidence, before } = await ran([{ script: "unit", redis: 8, postgres: "18", browser: true }]);
    expect(evidence).toMatchObject([{ name: "unit", verdict: "pass" }]);
    const bound = before("unit").filter(([name]) => name === "withServiceBinding");
    expect(bound.map(([, alias]) => alias)).toEqual(["redis", "db"]);
    expect(variablesOf(before("unit"))).toMatchObject({
      REDIS_URL: "redis://redis:6379",
      DATABASE_URL: "postgresql://postgres:ephemeral@db:5432/app",
      CHROME_BIN: "/usr/bin/chromium",
    });
    const [, , service] = bound[0] as [string, string, { chain: readonly Call[] }];
    expect(service.chain).toEqual([
      ["from", "redis:8"],
      ["withEnvVariable", "FAIRWAY_PURPOSE", "unit"],
      ["withExposedPort", 6379],
      ["asService", { args: ["redis-server", "--save", "", "--appendonly", "no"], useEntrypoint: true }],
    ]);
  });

  it("takes no result of the task runner's, which does not know of them; one without does", async () => {
    const { before } = await ran([{ script: "unit", redis: "8" }, "e2e"]);
    expect(variablesOf(before("unit"))).not.toHaveProperty("TURBO_CACHE_DIR");
    expect(variablesOf(before("e2e"))).toHaveProperty("TURBO_CACHE_DIR");
  });
});
