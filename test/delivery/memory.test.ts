import { expect, it } from "vitest";
import { validateConfig } from "../../src/config/config.ts";
import { openPolicy } from "../../src/release/gates/policy.ts";
import { checkEvidence } from "../../src/delivery/check-evidence.ts";
import type { Delivery } from "../../src/delivery/delivery.ts";
import { failure } from "../../src/model/errors.ts";
import type { ToolReport } from "../../src/model/finding.ts";
import type { Ledger } from "../../src/model/ledger.ts";
import { silentProgress } from "../../src/model/progress.ts";
import { requireEvidence } from "../../src/release/gates/gates.ts";
import { defineCheck, openProject } from "../../src/steps/steps.ts";
import { memoryLedger, virtualClock } from "../../src/testing/testing.ts";
import { toolFinding, vulnerability } from "../findings/examples.ts";
import { failureOf } from "../support/failure-of.ts";
import { fakeClient } from "../steps/fake-client.ts";

const dayMs = 24 * 3_600_000;
const policy = { severities: { high: "24 hours", medium: "7 days", low: "1 sprint" } };
const medium = vulnerability({ severity: "medium", rule: "CVE-2021-23337" });

interface Options {
  readonly suppressions?: string;
  readonly ledger?: Partial<Ledger>;
  readonly branch?: string | null;
}

/** Checks of one repository over weeks, each of which knows only what the ledger says. */
function repository() {
  const clock = virtualClock("2026-11-02T10:00:00.000Z");
  const ledger = memoryLedger(clock);
  const config = validateConfig(
    {
      ...{ name: "shop", findings: policy },
      services: { web: { dockerfile: "Dockerfile", port: 3000, ready: "/" } },
      environments: { production: { target: "local" } },
    },
    "test",
  );
  const check = async (report: ToolReport, { suppressions, branch = "main", ...options }: Options = {}) => {
    const files = {
      ...{ "package.json": '{ "packageManager": "pnpm@10.34.9" }', "pnpm-lock.yaml": "" },
      ...(suppressions === undefined ? {} : { "fairway.suppressions.yaml": suppressions }),
    };
    const { client, source } = fakeClient({ files });
    const project = await openProject(client, source, config);
    const delivery = {
      ...{ progress: silentProgress, clock, actor: "ada@laptop", command: "npx fairway" },
      definition: { checks: [defineCheck("audit", () => report)] },
      config: async () => config,
      project: async () => project,
      facts: async () => ({ branch, commit: "4f2a9c1" }),
      ledger: async () => ({ ...ledger, ...options.ledger }),
    } as unknown as Delivery;
    return checkEvidence(delivery, [], { environment: "production", policy: openPolicy });
  };
  const days = async (number: number) => clock.advance(number * dayMs);
  return { check, days, ledger };
}

const found = (...findings: ToolReport["findings"]): ToolReport => ({ findings, problems: [] });

it("a deadline that passes blocks the next deploy, with the finding and its day", async () => {
  const { check, days } = repository();
  const [first] = await check(found(medium));
  expect(first).toMatchObject({ verdict: "pass", summary: "1 to be fixed by 2026-11-09" });
  expect(first?.details).toContain("to be fixed by 2026-11-09, seen since 2026-11-02");
  await days(7);
  expect(await check(found(medium))).toMatchObject([{ verdict: "pass" }]);
  await days(1);
  const late = await check(found(medium));
  expect(late).toMatchObject([{ verdict: "fail", summary: "1 medium" }]);
  const blocked = failureOf((async () => requireEvidence(late, { subject: "production", again: "" }))());
  expect(await blocked).toMatchObject({
    ...{ code: "CHECK_FAILED", exitCode: 1 },
    output: expect.stringContaining("had to be fixed by 2026-11-09, seen since 2026-11-02") as string,
  });
});

it("each severity has its own time: hours end with the hour, a sprint after two weeks", async () => {
  const { check, days } = repository();
  const all = found(
    medium,
    toolFinding({ severity: "high" }),
    toolFinding({ severity: "low", rule: "todo" }),
  );
  const [first] = await check(all);
  expect(first?.summary).toBe("3 to be fixed, the first by 2026-11-03 10:00 UTC");
  await days(1.1);
  expect((await check(all))[0]?.summary).toBe("1 high; 2 to be fixed, the first by 2026-11-09");
  await days(14);
  expect((await check(all))[0]?.summary).toBe("1 high, 1 medium, 1 low");
});

it("what does not change is not written down again", async () => {
  const { check, days, ledger } = repository();
  for (let week = 0; week < 4; week += 1) {
    await check(found(medium));
    await days(2);
  }
  expect(await ledger.read()).toMatchObject([
    {
      ...{ environment: "@checks", deployment: null, type: "findings-changed", actor: "ada@laptop" },
      payload: { scope: "environment production", commit: "4f2a9c1", gone: [] },
    },
  ]);
});

it("what was fixed and comes back within its time was never away; what comes back later is new", async () => {
  const { check, days } = repository();
  await check(found(medium));
  await days(2);
  await check(found());
  await days(3);
  expect((await check(found(medium)))[0]?.details).toContain("seen since 2026-11-02");
  await days(1);
  await check(found());
  await days(20);
  expect((await check(found(medium)))[0]?.details).toContain("seen since 2026-11-28");
});

it("a suppression stops no clock: when it expires, the deadline of then has passed", async () => {
  const { check, days } = repository();
  const suppressions = "- { rule: CVE-2021-23337, reason: r, owner: ada@example.com, until: 2026-11-20 }";
  expect(await check(found(medium), { suppressions })).toMatchObject([
    { verdict: "pass", summary: "1 suppressed" },
  ]);
  await days(18);
  expect(await check(found(medium), { suppressions })).toMatchObject([{ verdict: "pass" }]);
  await days(1);
  const [audit, expired] = await check(found(medium), { suppressions });
  expect(audit).toMatchObject({ verdict: "fail", summary: "1 medium" });
  expect(expired).toMatchObject({ name: "suppressions", verdict: "fail" });
});

it("a ledger that cannot be read leaves deadlines open, and nothing else", async () => {
  const { check } = repository();
  const read = async () => {
    throw failure("the ledger needs a value for LEDGER_TOKEN", { remedy: "Give it in --secrets." });
  };
  expect(await check(found(medium), { ledger: { read } })).toMatchObject([
    { verdict: "pass" },
    {
      ...{ name: "first-seen", verdict: "insufficient", missing: "Give it in --secrets." },
      summary:
        "since when a finding with a deadline is known cannot be read: the ledger needs a value for LEDGER_TOKEN",
    },
  ]);
  expect(await check(found(), { ledger: { read } })).toMatchObject([{ verdict: "pass" }]);
});

it("where nothing can be written, known findings keep their day and a new one is open", async () => {
  const { check, days } = repository();
  const append = async () => {
    throw failure("it may only be read");
  };
  await check(found(medium));
  await days(8);
  expect(await check(found(medium), { ledger: { append } })).toMatchObject([{ verdict: "fail" }]);
  const other = vulnerability({ severity: "medium", rule: "CVE-2021-11111" });
  expect(await check(found(other), { ledger: { append } })).toMatchObject([
    { verdict: "pass" },
    { name: "first-seen", verdict: "insufficient" },
  ]);
  expect(await check(found(), { ledger: { append } })).toMatchObject([{ verdict: "pass" }]);
});
