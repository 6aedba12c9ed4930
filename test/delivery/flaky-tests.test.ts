import { beforeEach, expect, it } from "vitest";
import { validateConfig } from "../../src/config/config.ts";
import { openPolicy } from "../../src/release/gates/policy.ts";
import { checkEvidence } from "../../src/delivery/check-evidence.ts";
import type { Delivery } from "../../src/delivery/delivery.ts";
import { failure } from "../../src/model/errors.ts";
import type { Ledger } from "../../src/model/ledger.ts";
import { type ProgressEvent, progressTo } from "../../src/model/progress.ts";
import { openProject } from "../../src/steps/steps.ts";
import {
  memoryLedger,
  scriptedEngine,
  type StepAnswer,
  type VirtualClock,
  virtualClock,
} from "../../src/testing/testing.ts";
import { junitOf, vitestSummary } from "../test-results/reports.ts";

const dayMs = 24 * 3_600_000;
let clock: VirtualClock;
let ledger: Ledger;
let events: ProgressEvent[];

beforeEach(() => {
  clock = virtualClock("2026-11-02T10:00:00.000Z");
  ledger = memoryLedger(clock);
  events = [];
});

interface Options {
  readonly check?: object;
  readonly owner?: string | null;
  readonly script?: string;
  readonly files?: Readonly<Record<string, string>>;
  readonly version?: string;
  readonly ledger?: Partial<Ledger>;
}

const unit = { script: "unit", results: "reports/junit.xml" };

/** One check, whose script is answered in turn. */
async function check(answers: readonly StepAnswer[], options: Options = {}) {
  const { owner = "ada@example.com", script = "vitest run", version = "4f2a9c1" } = options;
  await using engine = await scriptedEngine();
  let tries = 0;
  engine.on(["npm", "run", "unit"]).answers(() => answers[tries++] ?? answers.at(-1) ?? {});
  engine.on(["date"]).answers(() => ({ stdout: String(Math.floor(Date.now() / 1000)) }));
  engine.on(/fairway-lifecycle/).answers({ files: { "/tmp/fairway-lifecycle.json": "[]" } });
  engine.on(/.*/).optional().answers({});
  const evidence = await engine.run(async (client) => {
    const files = {
      "package.json": JSON.stringify({ packageManager: "npm@11.0.0", scripts: { unit: script } }),
      "package-lock.json": "{}",
      ...options.files,
    };
    const source = Object.entries(files).reduce(
      (directory, [path, text]) => directory.withNewFile(path, text),
      client.directory(),
    );
    const config = validateConfig(
      {
        ...{
          name: "shop",
          checks: [options.check ?? unit],
          environments: { production: { target: "local" } },
        },
        services: { web: { dockerfile: "Dockerfile", port: 3000, ready: "/" } },
        ...(owner === null ? {} : { tests: { owner } }),
      },
      "test",
    );
    const project = await openProject(client, source, config);
    const progress = progressTo((event) => events.push(event));
    const delivery = {
      ...{ progress, clock, actor: "ada@laptop", command: "npx fairway", definition: { checks: [] } },
      config: async () => config,
      project: async () => project,
      facts: async () => ({ branch: "main", commit: version, shortCommit: version, dirty: false }),
      ledger: async () => ({ ...ledger, ...options.ledger }),
    } as unknown as Delivery;
    return checkEvidence(delivery, [], { environment: "production", policy: openPolicy });
  });
  return { evidence: evidence[0], tries };
}

type Outcomes = Readonly<Record<string, "passed" | "failed">>;
const good = { "adds up": "passed", "is empty": "passed" } as const;
const bad = { "adds up": "failed", "is empty": "passed" } as const;

function ended(tests: Outcomes, answer: Partial<StepAnswer> = {}): StepAnswer {
  const exitCode = Object.values(tests).includes("failed") ? 1 : 0;
  return {
    exitCode,
    stdout: vitestSummary(tests),
    files: { "reports/junit.xml": junitOf(tests) },
    ...answer,
  };
}

/** As the ledger has it of a test that failed and passed in one run, on each of four days. */
async function flakyFourTimes() {
  for (const version of ["a", "b", "c", "d"]) {
    const tests = [{ test: "test/cart.test.ts > adds up", outcome: "flaky" }];
    await ledger.append({
      ...{ environment: "@checks", deployment: null, type: "tests-ran", actor: "ada@laptop" },
      payload: { check: "unit", version, tests, more: 0 },
    });
    await clock.advance(dayMs);
  }
}

it("a failed test fails the check, by its name, with what the runner said", async () => {
  const { evidence } = await check([ended(bad)]);
  expect(evidence).toMatchObject({
    ...{ name: "unit", verdict: "fail" },
    summary: "its step ended with exit code 1: 1 test failed: test/cart.test.ts > adds up",
    details: expect.stringContaining("1 failed | 1 passed (2)") as string,
    tests: { count: 2, failed: ["test/cart.test.ts > adds up"], flaky: [], tries: 1 },
  });
});

it("flaky more than three times: in quarantine with owner and day; still run, told, and not blocking", async () => {
  for (const version of ["a", "b", "c", "d"]) {
    await check([ended(bad)], { version });
    await check([ended(good)], { version });
    await clock.advance(dayMs);
  }
  const { evidence, tries } = await check([ended(bad)], { version: "e" });
  expect(tries).toBe(1);
  expect(evidence).toMatchObject({
    ...{ verdict: "pass", summary: "1 quarantined test failed: test/cart.test.ts > adds up" },
    details:
      "test/cart.test.ts > adds up: flaky 4 times in 30 days; in quarantine until 2026-11-19, ada@example.com; 0 of 20 runs without a failure",
  });
});

it("another failed test beside it fails the check", async () => {
  await flakyFourTimes();
  const { evidence } = await check([ended({ "adds up": "failed", "is empty": "failed" })], { version: "e" });
  expect(evidence).toMatchObject({
    verdict: "fail",
    summary: "its step ended with exit code 1: 1 test failed: test/cart.test.ts > is empty",
  });
});

it.each([
  [
    "a report that was cut off",
    ended(bad, { files: { "reports/junit.xml": junitOf(bad).slice(0, 250) } }),
    "not whole",
  ],
  ["no report", ended(bad, { files: {} }), "there are no results at reports/junit.xml"],
  [
    "an error beside the tests",
    ended(bad, { stdout: `${vitestSummary(bad)}     Errors  1 error\n` }),
    "Errors 1 error",
  ],
  [
    "a summary of other counts",
    ended(bad, { stdout: vitestSummary({ ...bad, more: "failed" }) }),
    "2 of 3 tests failed",
  ],
  ["silence", ended(bad, { stdout: "" }), "no summary"],
  ["another exit code", ended(bad, { exitCode: 2 }), "not with 2"],
  ["a step that was killed", ended(bad, { exitCode: 137 }), "exit code 137"],
])("a quarantine forgives nothing that is not certain: %s", async (_, answer, why) => {
  await flakyFourTimes();
  const { evidence } = await check([answer], { version: "e" });
  expect(evidence).toMatchObject({ verdict: "fail", summary: expect.stringContaining(why) as string });
});

it("a script that is more than a test runner is not forgiven: what it would have run next is not known", async () => {
  const script = "vitest run && eslint .";
  await flakyFourTimes();
  const { evidence } = await check([ended(bad)], { version: "e", script });
  expect(evidence).toMatchObject({
    verdict: "fail",
    summary: expect.stringContaining("the script unit is not one test runner alone") as string,
  });
});

it("nobody's test is not in quarantine; CODEOWNERS says whose it is where the report names its file", async () => {
  await flakyFourTimes();
  expect((await check([ended(bad)], { version: "e", owner: null })).evidence).toMatchObject({
    verdict: "fail",
    details: expect.stringContaining("nobody owns it") as string,
  });
  const withFile = junitOf(bad).replaceAll("<testcase ", '<testcase file="test/cart.test.ts" ');
  const files = { CODEOWNERS: "test/ @shop/cart\n" };
  const answer = ended(bad, { files: { "reports/junit.xml": withFile } });
  await check([answer], { version: "f", owner: null, files });
  const { evidence } = await check([answer], { version: "g", owner: null, files });
  expect(evidence).toMatchObject({
    verdict: "pass",
    details: expect.stringContaining("@shop/cart") as string,
  });
});

it("after its deadline its failures count again, and a pass at the second try is none", async () => {
  await flakyFourTimes();
  await clock.advance(14 * dayMs);
  const { evidence } = await check([ended(bad)], { version: "e" });
  expect(evidence).toMatchObject({
    verdict: "fail",
    details: expect.stringContaining("its failures count: its quarantine ended on 2026-11-19") as string,
  });
  const retried = await check([ended(bad), ended(good)], { version: "f", check: { ...unit, retries: 1 } });
  expect(retried.evidence).toMatchObject({
    verdict: "fail",
    summary: "still flaky after the end of its quarantine: test/cart.test.ts > adds up",
  });
  expect((await check([ended(good)], { version: "g" })).evidence).toMatchObject({ verdict: "pass" });
});

it("a retry is said, counts as flaky, and is a run of its own", async () => {
  const { evidence, tries } = await check([ended(bad), ended(good)], { check: { ...unit, retries: 1 } });
  expect(tries).toBe(2);
  expect(evidence).toMatchObject({
    ...{ verdict: "pass", summary: "passed at the 2nd try; 1 flaky: test/cart.test.ts > adds up" },
    tests: { flaky: ["test/cart.test.ts > adds up"], tries: 2 },
  });
  expect(JSON.stringify(events)).toContain("unit failed, and is run again: try 2");
  expect(await ledger.read()).toMatchObject([
    {
      ...{ environment: "@checks", type: "tests-ran" },
      payload: { check: "unit", tests: [{ test: "test/cart.test.ts > adds up", outcome: "flaky" }] },
    },
  ]);
});

it("a check without results is tried again as a whole, and says so", async () => {
  const again = { script: "unit", retries: 2 };
  const failed = { exitCode: 1, stdout: "no" };
  expect((await check([failed, failed, {}], { check: again })).evidence).toMatchObject({
    verdict: "pass",
    summary: "passed at the 3rd try; 1 flaky: the check as a whole",
  });
  const { evidence, tries } = await check([failed], { check: again });
  expect(tries).toBe(3);
  expect(evidence).toMatchObject({
    verdict: "fail",
    summary: "its step ended with exit code 1 at the 3rd try",
  });
});

it("a script that passed without results is insufficient, and one whose results say otherwise fails", async () => {
  expect((await check([{ exitCode: 0 }])).evidence).toMatchObject({
    verdict: "insufficient",
    missing: "there are no results at reports/junit.xml",
  });
  expect((await check([ended(bad, { exitCode: 0 })])).evidence).toMatchObject({ verdict: "fail" });
});

it("results that lie in the source are those of another run", async () => {
  const { evidence } = await check([{ exitCode: 0 }], { files: { "reports/junit.xml": junitOf(good) } });
  expect(evidence).toMatchObject({ verdict: "insufficient" });
});

it("where the ledger cannot be read no test is in quarantine, and the checks say so", async () => {
  await flakyFourTimes();
  const read = async () => {
    throw failure("the ledger needs a value for LEDGER_TOKEN");
  };
  const { evidence } = await check([ended(bad)], { version: "e", ledger: { read } });
  expect(evidence).toMatchObject({ verdict: "fail" });
  expect(JSON.stringify(events)).toContain(
    "what is known of flaky tests cannot be read: the ledger needs a value for LEDGER_TOKEN",
  );
});
