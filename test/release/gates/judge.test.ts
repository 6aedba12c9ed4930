import { describe, expect, it } from "vitest";
import { validateConfig } from "../../../src/config/config.ts";
import type { FairwayError } from "../../../src/model/errors.ts";
import type { Plan } from "../../../src/model/plan.ts";
import { parseAllowedSigners } from "../../../src/release/gates/approvals/approvals.ts";
import type { GateJudgement } from "../../../src/release/gates/judge.ts";
import { judgePlan, type Gating } from "../../../src/release/gates/gating.ts";
import { policyOf } from "../../../src/release/gates/policy.ts";
import { requireOpenGates } from "../../../src/release/gates/require-open.ts";
import { planHash, planRelease } from "../../../src/release/plan/plan.ts";
import { environmentState } from "../../../src/release/state.ts";
import { usualTimeouts } from "../../../src/testing/testing.ts";
import { ed25519Signer } from "../../support/ssh-signer.ts";
import { releaseOf } from "../../support/releases.ts";

const now = new Date("2026-11-23T15:00:00.000Z"); // a Monday

function gatingOf(settings: Record<string, unknown>, fields: Partial<Gating> = {}): Gating {
  const { environments } = validateConfig(
    {
      name: "shop",
      services: { api: { dockerfile: "Dockerfile", port: 3000, ready: "/ready" } },
      environments: { staging: { target: "local" }, production: { target: "local", ...settings } },
    },
    "test",
  );
  return {
    inForce: { policy: policyOf(environments["production"]!), commit: null, signers: null },
    brings: policyOf(environments["production"]!),
    newRules: null,
    before: null,
    requester: null,
    tags: [],
    emergency: null,
    changes: { complete: true, commits: [] },
    ...fields,
  };
}

function planWith(gating: Gating, action: "deploy" | "rollback" = "deploy") {
  return planRelease({
    timeouts: usualTimeouts,
    afterRelease: null,
    action,
    pipeline: "shop",
    release: releaseOf("v2"),
    state: environmentState("production", []),
    observed: { services: [], database: null },
    rollout: "by replica",
    pendingMigrations: [],
    smoke: [],
    tags: [],
    standIns: [],
    gating,
  });
}

async function judged(gating: Gating, at = now) {
  const plan = planWith(gating);
  return judgePlan(plan, planHash(plan), gating, { events: [], now: at });
}

describe("the gates of an environment", () => {
  it("that asks for nothing are none", async () => {
    expect(await judged(gatingOf({}))).toEqual([]);
  });

  it("take only its branch, and say which one it was", async () => {
    expect(await judged(gatingOf({ branch: "main" }))).toMatchObject([{ gate: "branch", state: "open" }]);
    expect(await judged(gatingOf({ branch: "release" }))).toMatchObject([
      { state: "refused", says: "production takes only the branch release; this commit is on main" },
    ]);
  });

  it("take only commits with a tag of its pattern, of which a star is no path", async () => {
    const tagged = (...tags: string[]) => judged(gatingOf({ tags: "v*" }, { tags }));
    expect(await tagged("nightly", "v1.2.3")).toMatchObject([{ state: "open", says: "v1.2.3" }]);
    expect(await tagged("nightly")).toMatchObject([{ state: "refused" }]);
    expect(await tagged("v1/x")).toMatchObject([{ state: "refused" }]);
    expect(await tagged("xv1")).toMatchObject([{ state: "refused" }]);
  });

  it("are closed outside of a window, and say until when", async () => {
    const gating = gatingOf({ windows: ["Mon-Thu 09:00-16:00 America/New_York"] });
    expect(await judged(gating)).toMatchObject([{ gate: "windows", state: "open" }]);
    expect(await judged(gating, new Date("2026-11-27T15:00:00Z"))).toMatchObject([
      { state: "held", until: "2026-11-30T14:00:00.000Z" },
    ]);
  });
});

describe("a promotion", () => {
  const before = (version: string, since: string): Partial<Gating> => ({
    before: { environment: "staging", release: releaseOf(version), since },
  });
  const settings = { after: "staging", soakMinutes: 60 };

  it("is of the very images that are proven", async () => {
    expect(await judged(gatingOf(settings))).toMatchObject([
      { gate: "promotion", state: "refused", says: "nothing is proven in staging" },
    ]);
    expect(await judged(gatingOf(settings, before("v1", "2026-11-01T00:00:00.000Z")))).toMatchObject([
      { state: "refused", says: "staging has proven v1, with other images of api, web" },
    ]);
    expect(await judged(gatingOf(settings, before("v2", "2026-11-01T00:00:00.000Z")))).toMatchObject([
      { state: "open" },
    ]);
  });

  it("waits until they have soaked for as long as asked", async () => {
    const gating = gatingOf(settings, before("v2", "2026-11-23T14:30:00.000Z"));
    expect(await judged(gating)).toMatchObject([{ state: "held", until: "2026-11-23T15:30:00.000Z" }]);
    expect(await judged(gating, new Date("2026-11-23T15:30:00.000Z"))).toMatchObject([{ state: "open" }]);
  });

  it("is not asked of a rollback, which goes to what was proven here", () => {
    const gating = gatingOf({
      ...settings,
      branch: "main",
      windows: ["Mon-Thu 09:00-16:00 America/New_York"],
    });
    expect(planWith(gating, "rollback").gates.map(({ gate }) => gate)).toEqual(["windows"]);
  });
});

describe("an emergency", () => {
  const urgent = { emergency: { reason: "Service outage", ticket: "INC-42" } };
  const weekdays = { windows: ["Mon-Thu 09:00-16:00 America/New_York"], branch: "release" };
  const sunday = new Date("2026-11-29T15:00:00Z");

  it("passes by what the environment lets it, and nothing else", async () => {
    const gating = gatingOf({ ...weekdays, emergency: { skips: ["windows"] } }, urgent);
    expect(await judged(gating, sunday)).toMatchObject([
      { gate: "emergency", state: "open", says: "passes by: windows" },
      { gate: "branch", state: "refused" },
      { gate: "windows", state: "skipped", says: "passed by: emergency, INC-42: Service outage" },
    ]);
  });

  it("is another plan than the ordinary one: who approved that did not approve this", () => {
    const settings = { ...weekdays, emergency: { skips: ["windows"] } };
    expect(planHash(planWith(gatingOf(settings, urgent)))).not.toBe(planHash(planWith(gatingOf(settings))));
  });

  it("is refused where the environment knows none", async () => {
    const gating = gatingOf(weekdays, urgent);
    expect(await judged(gating, sunday)).toMatchObject([
      { gate: "emergency", state: "refused", says: "production lets no emergency pass by anything" },
      { gate: "branch" },
      { gate: "windows", state: "held" },
    ]);
  });
});

describe("what closed gates say", () => {
  const closedBy = (plan: Plan, gates: readonly GateJudgement[], isSigned = true) => {
    try {
      requireOpenGates(plan, planHash(plan), gates, { command: "npx fairway", isSigned });
    } catch (error) {
      return error as FairwayError;
    }
    throw new Error("it was let through");
  };
  const messageOf = (gating: Gating, gates: readonly GateJudgement[]) =>
    closedBy(planWith(gating), gates).message;
  const remedyOf = (...args: Parameters<typeof closedBy>) => closedBy(...args).remedy;

  it("is the command for a plan of this kind: a promotion is not applied as a deploy", async () => {
    const gating = gatingOf({ after: "staging", soakMinutes: 60 });
    const plan = planWith(gating);
    const gates = await judged(gating);
    const remedy = (action: "deploy" | "rollback", command = "npx fairway") => {
      try {
        requireOpenGates({ ...plan, action }, planHash(plan), gates, { command });
      } catch (error) {
        return (error as { remedy: string }).remedy;
      }
      throw new Error("it was let through");
    };
    expect(remedy("deploy")).toContain("npx fairway plan --env production --from staging --out plan.json");
    expect(remedy("deploy")).toContain("npx fairway promote --from staging --to production");
    expect(remedy("rollback")).toContain("npx fairway rollback --env production");
    // Dagger writes an answer to a file with a flag of its own.
    expect(remedy("deploy", "dagger call")).toContain(
      "dagger call plan --env production --from staging --format json --output plan.json",
    );
  });

  it("is one that works when it is pasted: an emergency says again that it is one", async () => {
    const emergency = { reason: "It's down", ticket: "INC-42" };
    const settings = {
      ...{ after: "staging", windows: ["Mon-Thu 03:00-04:00 UTC"] },
      emergency: { skips: ["promotion"] },
    };
    const gating = gatingOf(settings, { emergency });
    const [gates, plan] = [await judged(gating), planWith(gating)];
    const remedy = (isPromoted: boolean, changes: Partial<Plan> = {}, open: string | null = null) => {
      const told = { command: "npx fairway", isSigned: isPromoted, isPromoted, open };
      try {
        requireOpenGates({ ...plan, ...changes }, planHash(plan), gates, told);
      } catch (error) {
        return (error as { remedy: string }).remedy;
      }
      throw new Error("it was let through");
    };
    const flags = `--emergency --reason 'It'\\''s down' --ticket INC-42`;
    // The promotion is what it passes by.
    expect(remedy(false)).toBe(
      `Look at it: npx fairway plan --env production ${flags} --out plan.json\n` +
        `Then again: npx fairway deploy --env production ${flags}`,
    );
    expect(remedy(true)).toContain(`npx fairway promote --from staging --to production ${flags}`);
    const back = { action: "rollback", emergency: null } as const;
    expect(remedy(true, back, "production-7").split("\n")).toEqual([
      "No gate holds the way back from production-7:",
      'npx fairway abort --env production --reason "..."',
      "Look at it: npx fairway plan --env production --rollback --to v2 --out plan.json",
      "Then again: npx fairway rollback --env production --to v2",
    ]);
  });

  it("says once when a window opens, and how long a release still has to soak", async () => {
    const opening = "opens Mon 2026-11-30 09:00 EST (America/New_York), in 23 h (2026-11-30T14:00Z)";
    const window = gatingOf({ windows: ["Mon-Thu 09:00-16:00 America/New_York"] });
    const lines = messageOf(window, await judged(window, new Date("2026-11-29T15:00:00Z"))).split("\n");
    expect(lines.at(-1)).toBe(`windows: outside of the change window; ${opening}`);
    const before = { environment: "staging", release: releaseOf("v2"), since: "2026-11-23T14:30:00.000Z" };
    const soak = gatingOf({ after: "staging", soakMinutes: 60 }, { before });
    expect(messageOf(soak, await judged(soak))).toContain("(until 2026-11-23T15:30:00.000Z)");
  });

  it("is of a deploy to where releases are promoted to: the plan of the promotion is what people sign", async () => {
    const signers = parseAllowedSigners(`ada@example.com ${ed25519Signer("ada").publicKey}`, "signers");
    const policy = gatingOf({ after: "staging", approvals: { required: 1 } }).inForce;
    const before = { environment: "staging", release: releaseOf("v2"), since: "2026-11-01T00:00:00.000Z" };
    const gating = { ...gatingOf({}), inForce: { ...policy, signers }, before };
    const plan = planWith(gating);
    const remedy = async (isSigned: boolean) =>
      remedyOf(plan, await judgePlan(plan, planHash(plan), gating, { events: [], now }), isSigned);
    expect(await remedy(true)).toContain(`looks at plan ${planHash(plan)}`);
    const deploy = await remedy(false);
    expect(deploy).not.toContain(planHash(plan));
    expect(deploy).toMatchInlineSnapshot(`
      "Releases come to production from staging. Whoever approves signs the plan of that promotion:
      npx fairway plan --env production --from staging --out plan.json
      npx fairway approve plan.json
      Then:
      npx fairway promote --from staging --to production --plan plan.json"
    `);
  });

  it("is what to write into which file where nobody can approve", async () => {
    const gating = gatingOf({ approvals: { required: 1 } });
    const [gate] = await judged(gating);
    expect(gate).toMatchObject({ state: "held" });
    expect(gate?.says).toMatchInlineSnapshot(
      `"nobody can approve: fairway.allowed_signers is not in the commit that is deployed. It is to have a line for each who may approve, with the key of their .ssh/id_ed25519.pub: ada@example.com ssh-ed25519 AAAAC3Nza..."`,
    );
    expect(remedyOf(planWith(gating), await judged(gating))).not.toContain("approve plan.json");
  });

  it("is every one of them, held only when waiting or people can open them all", async () => {
    const refusedToo = gatingOf({ windows: ["Mon-Thu 09:00-16:00 America/New_York"], branch: "release" });
    const held = gatingOf({ windows: ["Mon-Thu 09:00-16:00 America/New_York"] });
    const sunday = new Date("2026-11-29T15:00:00Z");
    for (const [gating, code, exitCode] of [
      [refusedToo, "GATE_REFUSED", 1],
      [held, "HELD_BY_GATES", 3],
    ] as const) {
      const plan = planWith(gating);
      const gates = await judged(gating, sunday);
      expect(() => {
        requireOpenGates(plan, planHash(plan), gates, { command: "npx fairway" });
      }).toThrow(expect.objectContaining({ code, exitCode }) as Error);
    }
  });
});
