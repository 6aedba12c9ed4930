import { describe, expect, it } from "vitest";
import { failure } from "../../src/model/errors.ts";
import type { Operation } from "../../src/model/plan.ts";
import type { Target } from "../../src/model/target.ts";
import { withMaintenance } from "../../src/release/plan/maintenance.ts";
import { abort, maintain, readState, resume } from "../../src/release/release.ts";
import { statusText } from "../../src/report/status.ts";
import { failureOf } from "../support/failure-of.ts";
import { executors, simulatedTarget } from "../../src/testing/testing.ts";
import { candidateOf, expanding, releaseOf, tagOf } from "../support/releases.ts";
import { simulationForEachTest } from "../support/simulation/each-test.ts";

const here = simulationForEachTest(() => ({ maintenance: "always" }));
const { context, deploy } = here;

const candidate = (version: string, ...names: readonly string[]) =>
  candidateOf(version, {
    release: { ...releaseOf(version), migrations: names },
    migrations: expanding(...names),
    tags: tagOf(version),
  });

const isOn = async (target: Target = here.target) => ((await target.observe()).maintenance ?? null) !== null;

describe("maintenance around the operations of a plan", () => {
  const migrate: Operation = { kind: "migrate", migrations: [] };
  const replace: Operation = { kind: "replace-replica", service: "web", index: 0, version: "v1" };
  const ask: Operation = { kind: "check-dependencies", checks: [], timeoutSeconds: 30 };
  const smoke: Operation = { kind: "smoke", checks: [] };
  const tag: Operation = { kind: "tag-images", tags: [] };
  const off = { maintenance: null };
  const kindsOf = (operations: readonly Operation[]) =>
    operations.map((operation) =>
      operation.kind === "maintenance" ? (operation.on ? "on" : "off") : operation.kind,
    );

  it("begins before anything changes and ends when the release was proven", () => {
    const plan = withMaintenance([ask, migrate, replace, ask, smoke, tag], "migrations", off);
    expect(kindsOf(plan)).toEqual([
      ...["check-dependencies", "on", "migrate", "replace-replica", "check-dependencies", "smoke", "off"],
      "tag-images",
    ]);
  });

  it("is where it was asked for and nowhere else", () => {
    expect(withMaintenance([migrate, replace], "never", off)).toEqual([migrate, replace]);
    expect(withMaintenance([replace], "migrations", off)).toEqual([replace]);
    expect(kindsOf(withMaintenance([replace], "always", off))).toEqual(["on", "replace-replica", "off"]);
    expect(withMaintenance([tag], "always", off)).toEqual([tag]);
  });

  it("ends what a deployment left on, and leaves what a person has put on", () => {
    const left = { maintenance: { since: "2026-03-02T09:00:00.000Z", by: "local-3" } };
    expect(kindsOf(withMaintenance([replace], "never", left))).toEqual(["replace-replica", "off"]);
    expect(kindsOf(withMaintenance([], "never", left))).toEqual(["off"]);
    const byHand = { maintenance: { since: "2026-03-02T09:00:00.000Z", by: "maintenance" } };
    expect(withMaintenance([replace], "always", byHand)).toEqual([replace]);
  });
});

describe("a deploy in maintenance", () => {
  it("keeps visitors out while replicas are replaced, and lets them in at the end", async () => {
    const seen: boolean[] = [];
    here.target.onOperation = async (title) => {
      if (title.startsWith("replace")) seen.push(await isOn());
    };
    await deploy(candidate("v1"));
    expect(seen).toEqual([true, true, true, true]);
    expect(await isOn()).toBe(false);
  });

  it("that fails goes back and lets them in", async () => {
    await deploy(candidate("v1"));
    here.target.broken.add("v2");
    expect(await failureOf(deploy(candidate("v2")))).toMatchObject({ exitCode: 4 });
    expect(await isOn()).toBe(false);
    expect(Object.values(here.target.serving())).toEqual(["v1", "v1", "v1", "v1"]);
  });

  it("that changed nothing but the door says so, with the door open again", async () => {
    await deploy(candidate("v1", "1"));
    const failing = executors({
      migrate: async () => {
        throw failure("no");
      },
    });
    await failureOf(deploy(candidate("v2", "1", "2"), context({ executors: failing })));
    expect(await isOn()).toBe(false);
  });

  it("that is cut off leaves them out; resumed, they are let in at its end, and are not kept out once more", async () => {
    await deploy(candidate("v1"));
    for (const at of ["maintenance on", "replace-replica web/0", "maintenance off"]) {
      const version = `v2-${at.replaceAll(/\W/g, "-")}`;
      await failureOf(deploy(candidate(version), context({ signal: interruptedAt(at) })));
      const switches: string[] = [];
      here.target.onOperation = (title) => void (title.startsWith("maintenance") && switches.push(title));
      await resume(context(), { answer: null });
      expect(switches.at(-1) ?? "maintenance off", at).toBe("maintenance off");
      expect(await isOn(), at).toBe(false);
      expect((await readState(context())).live?.release.version).toBe(version);
    }
  });

  it("that is cut off and aborted lets them in", async () => {
    await deploy(candidate("v1"));
    await failureOf(deploy(candidate("v2"), context({ signal: interruptedAt("replace-replica web/0") })));
    expect(await isOn()).toBe(true);
    await abort(context(), { reason: "wrong day" });
    expect(await isOn()).toBe(false);
  });

  it("that is cut off and followed by another deploy lets them in at that one's end", async () => {
    await deploy(candidate("v1"));
    await failureOf(deploy(candidate("v2"), context({ signal: interruptedAt("replace-replica web/0") })));
    await deploy(candidate("v3"), context({ maintenance: "never" }));
    expect(await isOn()).toBe(false);
  });
});

describe("maintenance by hand", () => {
  it("stays over a deploy, until it is taken back by hand", async () => {
    await maintain(context(), { on: true, reason: "the warehouse moves" });
    await deploy(candidate("v1"));
    expect(await isOn()).toBe(true);
    here.target.broken.add("v2");
    await failureOf(deploy(candidate("v2")));
    expect(await isOn()).toBe(true);
    await maintain(context(), { on: false, reason: "" });
    expect(await isOn()).toBe(false);
    const noted = await here.ledger.read({ types: ["maintenance-changed"] });
    expect(noted.map(({ payload }) => payload)).toEqual([
      { on: true, reason: "the warehouse moves" },
      { on: false, reason: "" },
    ]);
  });

  it("that is on, or off, already says who did that and when, and is not done again", async () => {
    const moves = "the warehouse moves";
    expect(await maintain(context(), { on: true, reason: moves })).toBeNull();
    const since = here.clock.now().toISOString();
    await here.clock.advance(60_000);
    const again = await maintain(context({ actor: "grace@desk" }), { on: true, reason: "" });
    expect(again).toMatchObject({ actor: "ada@laptop", at: since, reason: moves });
    expect(await maintain(context(), { on: false, reason: "" })).toBeNull();
    expect(await maintain(context(), { on: false, reason: "" })).toMatchObject({ actor: "ada@laptop" });
    expect(await here.ledger.read({ types: ["maintenance-changed"] })).toHaveLength(2);
  });

  it("is done again where the target is not as the ledger says", async () => {
    await maintain(context(), { on: true, reason: "" });
    const target = simulatedTarget();
    expect(await maintain(context({ target }), { on: true, reason: "" })).toBeNull();
    expect(await isOn(target)).toBe(true);
  });

  it("stays over the end of a deployment that had kept visitors out before", async () => {
    await deploy(candidate("v1"));
    for (const finish of [
      async () => resume(context(), { answer: null }),
      async () => abort(context(), { reason: "wrong day" }),
    ]) {
      await failureOf(deploy(candidate("v2"), context({ signal: interruptedAt("replace-replica web/0") })));
      await maintain(context(), { on: true, reason: "the warehouse moves" });
      await finish();
      expect(await isOn()).toBe(true);
      await maintain(context(), { on: false, reason: "" });
      await deploy(candidate("v1"));
    }
  });

  it("is what status says, with the command that ends it", async () => {
    await maintain(context(), { on: true, reason: "" });
    await here.clock.advance(120_000);
    const status = {
      ...{ state: await readState(context()), stopped: null, waiting: null, holder: null },
      observed: await here.target.observe(),
    };
    const text = statusText([status], here.clock.now(), "npx fairway");
    expect(text).toContain("in maintenance since 2 min ago: visitors are answered 503");
    expect(text).toContain("let them in: npx fairway maintenance --env local --off");
  });

  it("lets no migration pass that breaks live code: the old replicas go on running until it is done", async () => {
    await deploy(candidate("v1"), context());
    let running: Readonly<Record<string, string>> = {};
    const seen = async () => {
      running = here.target.serving();
      return { observed: "applied" };
    };
    await deploy(candidate("v2", "1_add"), context({ executors: executors({ migrate: seen }) }));
    expect(new Set(Object.values(running))).toEqual(new Set(["v1"]));
    const after = here.target.serving();
    const drop = { name: "2_drop", phase: "contract", liveCode: "breaks" } as const;
    const contracting = { ...candidate("v3", "1_add", "2_drop"), migrations: [...expanding("1_add"), drop] };
    const error = await failureOf(deploy(contracting, context()));
    expect(error).toMatchObject({ code: "HELD_FOR_EVIDENCE", exitCode: 3 });
    expect(here.target.serving()).toEqual(after);
    expect(await isOn()).toBe(false);
  });

  it("is refused where nobody can keep visitors out", async () => {
    const without: Target = { ...here.target };
    delete without.maintain;
    const error = await failureOf(maintain(context({ target: without }), { on: true, reason: "" }));
    expect(error).toMatchObject({ code: "TARGET_CANNOT_MAINTAIN", exitCode: 1 });
  });
});

/** As a user's Ctrl-C when this operation of the target is under way. */
function interruptedAt(title: string): AbortSignal {
  const controller = new AbortController();
  here.target.onOperation = (begun) => {
    if (begun === title) controller.abort(new Error("interrupted by the user"));
  };
  return controller.signal;
}
