import { describe, expect, it } from "vitest";
import { validateConfig } from "../../../src/config/config.ts";
import type { Evidence } from "../../../src/model/evidence.ts";
import { checklistEvidence, confirmedBy } from "../../../src/release/gates/checklist.ts";
import { judgePlan, type Gating } from "../../../src/release/gates/gating.ts";
import { withoutOutput } from "../../../src/release/gates/judge.ts";
import { policyOf } from "../../../src/release/gates/policy.ts";
import { requireOpenGates } from "../../../src/release/gates/require-open.ts";
import { planHash, planRelease } from "../../../src/release/plan/plan.ts";
import { environmentState } from "../../../src/release/state.ts";
import { planText } from "../../../src/report/plan.ts";
import { usualTimeouts } from "../../../src/testing/testing.ts";
import { releaseOf } from "../../support/releases.ts";
import { ed25519Signer } from "../../support/ssh-signer.ts";
import { eventsOf, now, signersFile, vote } from "./approvals/support.ts";

const bob = ed25519Signer("bob");
const signers = signersFile(`bob@example.com ${bob.publicKey}`);
const docs = { name: "docs", script: "docs:check" };
const dashboards = { name: "dashboards", confirm: "error rate and latency are as usual" };

const passed: Evidence = { name: "docs", verdict: "pass", summary: "passed", durationMs: 1 };
const failed: Evidence = {
  ...{ name: "docs", verdict: "fail", summary: "its step ended with exit code 1", durationMs: 1 },
  ...{ details: "README.md: no such link", repeat: "npm run docs:check" },
};
const notRun: Evidence = {
  ...{ name: "docs", verdict: "insufficient", durationMs: 1 },
  ...{ summary: "package.json has no script docs:check", missing: "it has lint" },
};

function gatingOf(production: Record<string, unknown>, fields: Partial<Gating> = {}): Gating {
  const { environments } = validateConfig(
    {
      name: "shop",
      services: { api: { dockerfile: "Dockerfile", port: 3000, ready: "/ready" } },
      environments: { production: { target: "local", ...production } },
    },
    "test",
  );
  const policy = policyOf(environments["production"]!);
  return {
    ...{
      inForce: { policy, commit: null, signers },
      brings: policy,
      newRules: null,
      before: null,
      requester: null,
    },
    ...{ tags: [], emergency: null, changes: { complete: true, commits: [] } },
    ...fields,
  };
}

function planWith(gating: Gating, action: "deploy" | "rollback" = "deploy") {
  return planRelease({
    ...{ action, pipeline: "shop", release: releaseOf("v2"), rollout: "by replica", gating },
    ...{ state: environmentState("production", []), observed: { services: [], database: null } },
    ...{ timeouts: usualTimeouts, afterRelease: null },
    ...{ pendingMigrations: [], smoke: [], tags: [], standIns: [] },
  });
}

async function judged(gating: Gating, checklist: readonly Evidence[], approved = false) {
  const plan = planWith(gating);
  const hash = planHash(plan);
  const events = approved ? eventsOf([vote(bob, { planHash: hash })]) : [];
  const gates = await judgePlan(plan, hash, gating, { events, now, checklist });
  return { plan, hash, gates, gate: gates.find(({ gate }) => gate === "checklist") };
}

describe("a script of the release checklist", () => {
  const gating = gatingOf({ checklist: [docs] });

  it("opens the gate when it passes now", async () => {
    expect((await judged(gating, [passed])).gate).toMatchObject({
      state: "open",
      says: "docs: the script docs:check passed",
    });
  });

  it("that fails is a failed check: exit 1, with what it printed; a ledger does not keep that", async () => {
    const { plan, hash, gates, gate } = await judged(gating, [failed]);
    expect(gate).toMatchObject({ state: "refused" });
    expect(() => {
      requireOpenGates(plan, hash, gates, { command: "npx fairway" });
    }).toThrow(
      expect.objectContaining({
        code: "GATE_REFUSED",
        exitCode: 1,
        output: expect.stringContaining("README.md: no such link") as string,
      }) as Error,
    );
    expect(JSON.stringify(withoutOutput(gates))).not.toContain("no such link");
  });

  it.each([
    ["could not be run", [notRun], "it has lint"],
    ["was not run at all", [], "was not run"],
    ["of another name was run", [{ ...passed, name: "other" }], "was not run"],
  ])("that %s holds: exit 3", async (_, evidence, says) => {
    const { plan, hash, gates, gate } = await judged(gating, evidence);
    expect(gate).toMatchObject({ state: "held", says: expect.stringContaining(says) as string });
    expect(() => {
      requireOpenGates(plan, hash, gates, { command: "npx fairway" });
    }).toThrow(expect.objectContaining({ code: "HELD_BY_GATES", exitCode: 3 }) as Error);
  });

  it("is run for a plan that asks for it, and for no other", async () => {
    const run = (gates: Gating, action: "deploy" | "rollback" = "deploy") => {
      const names: string[] = [];
      const runner = async (items: readonly { name: string }[]) => {
        names.push(...items.map(({ name }) => name));
        return [];
      };
      return checklistEvidence(planWith(gates, action), runner).then(() => names);
    };
    expect(await run(gating)).toEqual(["docs"]);
    expect(await run(gatingOf({}))).toEqual([]);
    expect(await run(gating, "rollback")).toEqual([]);
    const skips = { emergency: { skips: ["checklist"] }, checklist: [docs] };
    const urgent = { emergency: { reason: "Service outage", ticket: "INC-42" } };
    expect(await run(gatingOf(skips, urgent))).toEqual([]);
    expect(await run(gatingOf({ ...skips, emergency: { skips: ["windows"] } }, urgent))).toEqual(["docs"]);
  });
});

describe("what people confirm", () => {
  const settings = { checklist: [docs, dashboards], approvals: { required: 1 } };
  const gating = gatingOf(settings);

  it("stands in the plan, so that whoever signs it signs that", () => {
    const plan = planWith(gating);
    expect(confirmedBy(plan)).toEqual([dashboards]);
    const other = gatingOf({ ...settings, checklist: [docs, { ...dashboards, confirm: "I looked" }] });
    expect(planHash(planWith(other))).not.toBe(planHash(plan));
  });

  it("is open with the first approval that counts, and not before", async () => {
    expect((await judged(gating, [passed])).gate).toMatchObject({
      state: "held",
      checklist: [{ state: "open" }, { name: "dashboards", state: "held" }],
    });
    expect((await judged(gating, [passed], true)).gate).toMatchObject({
      state: "open",
      checklist: [{ state: "open" }, { says: `confirmed by bob@example.com: ${dashboards.confirm}` }],
    });
  });

  it("is not confirmed by an approval that does not count", async () => {
    const own = gatingOf(settings, { requester: { name: "bob", email: "bob@example.com" } });
    expect((await judged(own, [passed], true)).gate).toMatchObject({ state: "held" });
  });

  it("is shown item by item in the plan, with whether each is open now", async () => {
    const { plan, hash, gates } = await judged(gating, [failed]);
    const text = planText(plan, hash, { gates, evidence: [] });
    expect(text).toMatch(/checklist +refused +0 of 2 open/);
    expect(text).toMatch(/docs +refused +the script docs:check: its step ended with exit code 1/);
    expect(text).toMatch(/dashboards +held +nobody who approves has confirmed yet: error rate/);
  });

  it("is passed by in an emergency that may", async () => {
    const urgent = { emergency: { reason: "Service outage", ticket: "INC-42" } };
    const skipping = gatingOf({ ...settings, emergency: { skips: ["checklist"] } }, urgent);
    expect(confirmedBy(planWith(skipping))).toEqual([]);
    expect((await judged(skipping, [])).gate).toMatchObject({ state: "skipped" });
  });
});
