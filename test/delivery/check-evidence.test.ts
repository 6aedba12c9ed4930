import { expect, it } from "vitest";
import { findingsFor, validateConfig } from "../../src/config/config.ts";
import { checkEvidence } from "../../src/delivery/check-evidence.ts";
import type { Delivery } from "../../src/delivery/delivery.ts";
import { silentProgress } from "../../src/model/progress.ts";
import { requireEvidence } from "../../src/release/gates/gates.ts";
import { openPolicy, policyHash, policyOf, type Policy } from "../../src/release/gates/policy.ts";
import { defineCheck, openProject } from "../../src/steps/steps.ts";
import { toolFinding } from "../findings/examples.ts";
import { fakeClient } from "../steps/fake-client.ts";
import { failureOf } from "../support/failure-of.ts";

const waiting = { subject: "production", again: "npx fairway deploy --env production" };
const medium = toolFinding();
const unsettled = defineCheck("codeql", () => ({
  ...({ verdict: "insufficient", summary: "no engine has its image" } as const),
  missing: "an engine that has it",
}));
const semgrep = defineCheck("semgrep", () => ({ findings: [medium], problems: [] }));

/** What the checks of a pipeline come to for a deploy to production, or (null) by themselves. */
async function evidenceFor(production: object, policy: Partial<Policy> | null, signal?: AbortSignal) {
  const config = validateConfig(
    {
      name: "shop",
      services: { api: { dockerfile: "Dockerfile", port: 3000, ready: "/" } },
      environments: { production: { target: "local", ...production } },
    },
    "test",
    { ownChecks: [unsettled, semgrep] },
  );
  const files = { "package.json": '{ "packageManager": "pnpm@10.34.9" }', "pnpm-lock.yaml": "" };
  const { client, source } = fakeClient({ files });
  const project = await openProject(client, source, config);
  const notes: string[] = [];
  const progress = {
    ...silentProgress,
    task: <T>(name: string, work: (task: never) => Promise<T>) =>
      silentProgress.task(name, (task) =>
        work({ ...task, note: (text: string) => notes.push(text) } as never),
      ),
  };
  const delivery = {
    ...{ progress, clock: { now: () => new Date(0) }, command: "npx fairway" },
    definition: { checks: [unsettled, semgrep] },
    signal,
    config: async () => config,
    project: async () => project,
  } as unknown as Delivery;
  const target = policy === null ? null : { environment: "production", policy: { ...openPolicy, ...policy } };
  return { evidence: await checkEvidence(delivery, [], target), notes, config };
}

it("what cannot be settled holds an environment, unless it is optional there; then it is told", async () => {
  const { evidence } = await evidenceFor({}, {});
  const error = await failureOf((async () => requireEvidence(evidence, waiting))());
  expect(error).toMatchObject({ code: "HELD_FOR_EVIDENCE", exitCode: 3 });
  const optional = await evidenceFor({ optional: ["codeql"] }, { optional: ["codeql"] });
  expect(() => {
    requireEvidence(optional.evidence, waiting);
  }).not.toThrow();
  expect(optional.notes).toEqual([
    "codeql is optional in production, and not settled: no engine has its image",
  ]);
});

it("a deploy that is stopped ends, also where what did not come to its end is optional; a check alone tells what it knew", async () => {
  const stopped = AbortSignal.abort(new Error("stopped"));
  const all = { optional: ["codeql", "semgrep"] };
  expect(await failureOf(evidenceFor(all, all, stopped))).toMatchObject({ message: "stopped" });
  const { evidence } = await evidenceFor({}, null, stopped);
  expect(evidence.map(({ verdict, summary }) => [verdict, summary])).toEqual([
    ["insufficient", "stopped"],
    ["insufficient", "stopped"],
  ]);
});

it("a check alone requires everything, whatever is optional somewhere", async () => {
  const { evidence } = await evidenceFor({ optional: ["codeql"] }, null);
  expect(evidence[0]).not.toHaveProperty("optional");
});

it("one that fails still fails where it is optional", async () => {
  const { evidence } = await evidenceFor(
    { optional: ["semgrep", "codeql"], findings: { severities: { medium: "block" } } },
    { optional: ["semgrep", "codeql"] },
  );
  expect(evidence[1]).toMatchObject({ name: "semgrep", verdict: "fail" });
});

it("what an environment says of a severity counts for its deploys, and the rest is as everywhere", async () => {
  const stricter = { findings: { severities: { medium: "block" } } };
  const { evidence, config } = await evidenceFor(stricter, {});
  expect(evidence[1]).toMatchObject({ name: "semgrep", verdict: "fail", summary: "1 medium" });
  expect((await evidenceFor(stricter, null)).evidence[1]).toMatchObject({ verdict: "pass" });
  expect(findingsFor(config, "production").severities).toMatchObject({ critical: "block", low: "track" });
});

it("the rules in force decide, not those of the commit that comes; the hash of the policy covers them", async () => {
  const { config } = await evidenceFor({ findings: { severities: { medium: "block" } } }, null);
  const settings = config.environments["production"]!;
  const policy = policyOf(settings, findingsFor(config, "production"));
  const { evidence } = await evidenceFor({ findings: { severities: { medium: "track" } } }, policy);
  expect(evidence[1]).toMatchObject({ verdict: "fail" });
  const hash = (one: Policy) => policyHash({ policy: one, commit: null, signers: null });
  expect(hash(policy)).not.toBe(hash(policyOf(settings, config.findings)));
  expect(hash(policy)).not.toBe(hash({ ...policy, optional: ["codeql"] }));
});
