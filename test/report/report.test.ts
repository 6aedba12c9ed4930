import { expect, it } from "vitest";
import { ungated } from "../../src/release/gates/gating.ts";
import { planHash, planRelease } from "../../src/release/plan/plan.ts";
import { environmentState } from "../../src/release/state.ts";
import { chain, firstPreviousHash } from "../../src/model/event-chain.ts";
import type { LedgerEvent, NewLedgerEvent } from "../../src/model/ledger.ts";
import { handChanges } from "../../src/report/by-hand.ts";
import { historyJson, historyOf, historyText } from "../../src/report/history.ts";
import { evidenceText, outcomeText } from "../../src/report/outcome.ts";
import { backupsText } from "../../src/report/backups.ts";
import { lastLive } from "../../src/report/last-live.ts";
import { planText } from "../../src/report/plan.ts";
import { waitingIn } from "../../src/report/waiting.ts";
import { statusText } from "../../src/report/status.ts";
import { usualTimeouts } from "../../src/testing/testing.ts";
import { releaseOf } from "../support/releases.ts";

const now = new Date("2026-03-02T10:00:00.000Z");
const nothing = { services: [], database: null };

function eventsOf(...events: readonly Partial<NewLedgerEvent>[]): LedgerEvent[] {
  const list: LedgerEvent[] = [];
  for (const event of events) {
    const last = list.at(-1);
    const whole = {
      environment: "local",
      deployment: "local-1",
      type: "",
      actor: "ada@laptop",
      payload: {},
      ...event,
    };
    const at = new Date(now.getTime() - 300_000 + list.length * 4000).toISOString();
    list.push(chain(whole, last?.sequence ?? 0, last?.hash ?? firstPreviousHash, at));
  }
  return list;
}

const started = (deployment: string, version: string, action = "deploy") => ({
  type: "deployment-started",
  deployment,
  payload: { action, release: releaseOf(version, ["web"]) as never, planHash: "sha256:00", reason: null },
});

const replica = { index: 0, processId: 4711, startedAt: "2026-03-02T09:58:00.000Z" };

it("status says what is live, since when and by whom, and what each replica does", () => {
  const state = environmentState(
    "local",
    eventsOf(started("local-1", "4f2a9c1"), { type: "deployment-succeeded" }),
  );
  const observed = {
    database: null,
    services: [
      {
        name: "web",
        url: "http://127.0.0.1:4100",
        replicas: [
          { ...replica, version: "4f2a9c1", image: "i", state: "ready" as const, inRotation: true },
          {
            ...replica,
            index: 1,
            version: "4f2a9c1",
            image: "i",
            state: "unready" as const,
            inRotation: false,
          },
        ],
      },
    ],
  };
  expect(statusText([{ state, stopped: null, waiting: null, observed, holder: null }], now, "npx fairway"))
    .toMatchInlineSnapshot(`
    "local  4f2a9c1 on main is live: local-1, 4 min ago, by ada@laptop
      web 1  4f2a9c1  serving  pid 4711  started 2 min ago
      web 2  4f2a9c1  unready  pid 4711  started 2 min ago
      web  http://127.0.0.1:4100"
  `);
});

it("status says what runs beside, how many visitors it gets, and where it answers", () => {
  const state = environmentState(
    "local",
    eventsOf(started("local-1", "4f2a9c1"), { type: "deployment-succeeded" }),
  );
  const serving = { ...replica, image: "i", state: "ready" as const, inRotation: true };
  const observed = {
    database: null,
    services: [
      {
        name: "web",
        url: "http://127.0.0.1:4100",
        idleUrl: "http://127.0.0.1:4101",
        weight: { version: "77e0b21", percent: 5, sticky: true },
        replicas: [
          { ...serving, version: "4f2a9c1" },
          { ...serving, version: "77e0b21", beside: true as const },
        ],
      },
    ],
  };
  const status = { state, stopped: null, waiting: null, observed, holder: null };
  expect(statusText([status], now, "npx fairway")).toMatchInlineSnapshot(`
    "local  4f2a9c1 on main is live: local-1, 4 min ago, by ada@laptop
      77e0b21 beside gets 5 % of the visitors of web, each of whom stays where he is
      web 1         4f2a9c1  serving  pid 4711  started 2 min ago
      web 1 beside  77e0b21  serving  pid 4711  started 2 min ago
      web         http://127.0.0.1:4100
      web beside  http://127.0.0.1:4101"
  `);
});

it("status says that a deploy did not end, and what to type", () => {
  const state = environmentState("local", eventsOf(started("local-1", "4f2a9c1")));
  expect(
    statusText(
      [{ state, stopped: null, waiting: null, observed: nothing, holder: null }],
      now,
      "npx fairway",
    ),
  ).toMatchInlineSnapshot(`
      "local  nothing is live
        not settled: local-1 (4f2a9c1) began 5 min ago and did not end: its process is gone.
        go on:   npx fairway resume --env local
        go back: npx fairway abort --env local"
    `);
});

it("status says what was live until it was stopped, by whom, and how it comes back", () => {
  const text = (...after: Partial<NewLedgerEvent>[]) => {
    const events = eventsOf(started("local-1", "4f2a9c1"), { type: "deployment-succeeded" }, ...after);
    const state = environmentState("local", events);
    const status = {
      state,
      stopped: lastLive(state, events),
      waiting: null,
      observed: nothing,
      holder: null,
    };
    return statusText([status], now, "npx fairway");
  };
  const down = (actor: string, dataRemoved = false) => ({
    type: "environment-stopped",
    deployment: null,
    actor,
    payload: { dataRemoved },
  });
  expect(text(down("grace@desk"), down("ada@laptop"))).toMatchInlineSnapshot(`
    "local  nothing is live: 4f2a9c1 on main was, until grace@desk stopped it 4 min ago
      bring it back, with 4f2a9c1 checked out: npx fairway deploy --env local"
  `);
  expect(text(down("grace@desk"), down("ada@laptop", true))).toContain(
    "grace@desk stopped it 4 min ago; its data was removed",
  );
  expect(text()).toContain("4f2a9c1 on main is live");
});

it("history lists the newest first, with why the failed ones failed", () => {
  const { deployments } = environmentState(
    "local",
    eventsOf(started("local-1", "4f2a9c1"), { type: "deployment-succeeded" }, started("local-2", "77e0b21"), {
      type: "deployment-failed",
      deployment: "local-2",
      payload: { message: "web 1 did not become ready", rolledBack: true },
    }),
  );
  expect(historyText(historyOf(deployments, []))).toMatchInlineSnapshot(`
    "deployment  started (UTC)        action  version  outcome      took   by          why
    local-2     2026-03-02 09:55:08  deploy  77e0b21  rolled back  4.0 s  ada@laptop  web 1 did not become ready
    local-1     2026-03-02 09:55:00  deploy  4f2a9c1  succeeded    4.0 s  ada@laptop"
  `);
});

it("history shows what people did beside deployments: who, when, and why where they said", () => {
  const byHand = (type: string, payload: NewLedgerEvent["payload"], actor = "ada@laptop") => ({
    ...{ type, payload, actor, deployment: null },
  });
  const events = eventsOf(
    started("local-1", "4f2a9c1"),
    { type: "deployment-succeeded" },
    byHand("maintenance-changed", { on: true, reason: "the warehouse moves" }),
    byHand("maintenance-changed", { on: false, reason: "" }, "grace@desk"),
    byHand("environment-stopped", { dataRemoved: false, reason: "the power goes" }, "grace@desk"),
    byHand("data-removal-started", {}),
    byHand("environment-stopped", { dataRemoved: true }),
    byHand("data-removal-started", { reason: "" }),
  );
  const history = historyOf(environmentState("local", events).deployments, handChanges(events));
  expect(historyText(history)).toMatchInlineSnapshot(`
    "deployment  started (UTC)        action           version  outcome                   took   by          why
    local       2026-03-02 09:55:28  down                      not ended: removing data         ada@laptop
    local       2026-03-02 09:55:24  down                      done, data removed               ada@laptop
    local       2026-03-02 09:55:16  down                      done                             grace@desk  the power goes
    local       2026-03-02 09:55:12  maintenance off           done                             grace@desk
    local       2026-03-02 09:55:08  maintenance on            done                             ada@laptop  the warehouse moves
    local-1     2026-03-02 09:55:00  deploy           4f2a9c1  succeeded                 4.0 s  ada@laptop"
  `);
  expect((historyJson(history) as unknown[])[1]).toEqual({
    ...{ id: null, environment: "local", action: "down", outcome: "done", dataRemoved: true, reason: null },
    ...{ actor: "ada@laptop", startedAt: "2026-03-02T09:55:24.000Z" },
  });
});

it("backups are listed without the columns in which none of them says anything", () => {
  const kept = { id: "local-2", at: "2026-03-02T09:55:00.000Z", actor: "ada@laptop", deployment: "local-2" };
  const of = { release: releaseOf("4f2a9c1"), smoke: [], tags: [] };
  const where = { now, environment: "local", command: "npx fairway" };
  const small = { ...kept, reference: "local-2", sizeBytes: null, of, migrations: [] };
  expect(backupsText([small], where)).toMatchInlineSnapshot(`
    "backup   made (UTC)                      live then  last migration  by
    local-2  2026-03-02 09:55:00  5 min ago  4f2a9c1    none            ada@laptop
    Back to one, with the release of then: npx fairway restore --env local --backup local-2 --reason "...""
  `);
  expect(backupsText([small, { ...small, sizeBytes: 4096, reference: "s3://b/1" }], where)).toMatch(
    /last migration +size +by +reference\n/,
  );
});

const oneReplica = {
  database: null,
  services: [
    {
      name: "web",
      url: null,
      replicas: [{ ...replica, version: "4f2a9c1", image: "i", state: "ready" as const, inRotation: true }],
    },
  ],
};

it("a plan reads from what runs now to the way back", () => {
  const state = environmentState(
    "local",
    eventsOf(started("local-1", "4f2a9c1"), { type: "deployment-succeeded" }),
  );
  const plan = planRelease({
    timeouts: usualTimeouts,
    afterRelease: null,
    rollout: "by replica",
    gating: ungated,
    action: "deploy",
    pipeline: "shop",
    release: releaseOf("77e0b21", ["web"], { replicas: 2 }),
    state,
    observed: oneReplica,
    pendingMigrations: [{ name: "20260301_ratings", phase: "expand" }],
    smoke: [{ service: "web", path: "/", status: 200, contains: null }],
    tags: [],
    standIns: ["node:24-slim"],
  });
  expect(planText(plan, planHash(plan), { gates: [], evidence: [] })).toMatchInlineSnapshot(`
    "local: 4f2a9c1 -> 77e0b21
    plan sha256:d54f6196376019229c1572476067519ca86a468422a92d84d9d620a1e3763c70

    images
      web  127.0.0.1:5000/shop/web@sha256:3737653062323130303030303030303030303030303030303030303030303030

    built on stand-ins (may run on this machine only)
      node:24-slim

    migrations
      20260301_ratings  expand: the code that is live keeps working

    steps
      1. migrate the database: 20260301_ratings (no backup)
      2. web 1: start 77e0b21, then drain what it replaces
      3. web 2: start 77e0b21
      4. smoke test: web /

    time-outs
      migrations 30 min; each other step 10 min beside the time that it is meant to wait; all together 60 min

    way back
      1. web 1: start 4f2a9c1, then drain what it replaces
      2. web 2: start 4f2a9c1, then drain what it replaces"
  `);
  expect(outcomeText({ kind: "nothing to do", plan, urls: { web: "http://127.0.0.1:4100" } }))
    .toMatchInlineSnapshot(`
    "Nothing to do: 4f2a9c1 is live in local. It runs the same images as 77e0b21.
      web  http://127.0.0.1:4100"
  `);
});

it("evidence shows the three answers with different marks", () => {
  expect(
    evidenceText([
      { name: "lint", verdict: "pass", summary: "passed", durationMs: 1200 },
      { name: "unit", verdict: "fail", summary: "ended with 1", durationMs: 400, details: "", repeat: "" },
      {
        name: "trivy",
        verdict: "insufficient",
        summary: "could not be run",
        durationMs: 0,
        missing: "trivy",
      },
    ]),
  ).toMatchInlineSnapshot(`
    "✓  lint   1.2 s  passed
    ✗  unit   0.4 s  ended with 1
    ?  trivy  0.0 s  could not be run"
  `);
});

it("status says which plan is held, since when, and by which gates", () => {
  const state = environmentState("local", []);
  const events = eventsOf({
    type: "deployment-held",
    payload: {
      planHash: "sha256:abc",
      plan: { release: releaseOf("4f2a9c1") },
      gates: [
        {
          gate: "windows",
          state: "held",
          says: "outside of the change window; opens Tue 2026-03-03 09:00 EST (America/New_York), in 1 day 4 h (2026-03-03T14:00Z)",
          until: "2026-03-03T14:00:00.000Z",
        },
        { gate: "approvals", state: "open", says: "approved by grace@example.com", until: null },
      ],
    },
  } as unknown as Parameters<typeof eventsOf>[0]);
  const waiting = waitingIn(state, events);
  expect(statusText([{ state, stopped: null, waiting, observed: nothing, holder: null }], now, "npx fairway"))
    .toMatchInlineSnapshot(`
    "local  nothing is live
      held: 4f2a9c1, asked for by ada@laptop 5 min ago
        windows  outside of the change window; opens Tue 2026-03-03 09:00 EST (America/New_York), in 1 day 4 h (2026-03-03T14:00Z)"
  `);
  expect(waitingIn({ lastChange: { sequence: 2, hash: "" } }, events)).toBeNull();
});
