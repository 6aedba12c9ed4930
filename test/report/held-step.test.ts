import { expect, it } from "vitest";
import { chain, firstPreviousHash } from "../../src/model/event-chain.ts";
import type { Lease, LedgerEvent } from "../../src/model/ledger.ts";
import { environmentState } from "../../src/release/state.ts";
import { heldStep } from "../../src/report/held-step.ts";
import { statusJson, statusText } from "../../src/report/status.ts";
import { canary } from "../cli/progress/standings.ts";
import { releaseOf } from "../support/releases.ts";

const now = new Date("2026-03-02T10:00:00.000Z");
const holder: Lease = {
  ...{ environment: "local", holder: "ada@laptop", purpose: "deploy of 4f2a9c1", fencingToken: 1 },
  ...{ acquiredAt: "2026-03-02T09:59:10.000Z", expiresAt: "2026-03-02T10:00:30.000Z" },
};
const seen = {
  verdict: "insufficient",
  estimate: 0.125,
  lower: null,
  upper: null,
  samples: 1840,
  needed: 2400,
};
const look = {
  at: "2026-03-02T09:59:50.000Z",
  limits: [seen, { ...seen, verdict: "pass", estimate: -3 }, null, { ...seen, estimate: null, needed: null }],
  spent: [0, 0, 0, 0],
};
const operation = canary[7];
const began = { type: "operation-started", payload: { index: 7, wayBack: false, operation } };
const looked = { type: "analysis-looked", payload: { index: 7, wayBack: false, look } };
const review = {
  type: "review-requested",
  payload: { index: 7, wayBack: false, operation, message: "it is not known" },
};

function eventsOf(...after: readonly { readonly type: string; readonly payload: unknown }[]): LedgerEvent[] {
  const plan = { operations: canary };
  const started = {
    action: "deploy",
    release: releaseOf("4f2a9c1", ["web"]),
    planHash: "",
    reason: null,
    plan,
  };
  const events: LedgerEvent[] = [];
  for (const { type, payload } of [{ type: "deployment-started", payload: started }, ...after]) {
    const last = events.at(-1);
    const at = new Date(now.getTime() - 50_000 + 5000 * events.length).toISOString();
    const event = { environment: "local", deployment: "local-1", type, actor: "ada@laptop" };
    const whole = { ...event, payload: payload as never };
    events.push(chain(whole, last?.sequence ?? 0, last?.hash ?? firstPreviousHash, at));
  }
  return events;
}

function statusOf(events: readonly LedgerEvent[], by: Lease | null) {
  const state = environmentState("local", events);
  const observed = { services: [], database: null };
  return {
    ...{ state, stopped: null, waiting: null, observed, holder: by },
    held: heldStep(state, events, by),
  };
}

it("status says at which step a running canary holds, for how long, and what the last look saw", () => {
  const status = statusOf(eventsOf(began, looked), holder);
  expect(statusText([status], now, "npx fairway")).toMatchInlineSnapshot(`
    "local  nothing is live
      busy: ada@laptop is running a deploy of 4f2a9c1, begun 50 s ago
      step 2 of 2: hold at 25 % for 15 min and judge errors +0.5 points, p99 +20 %, orders a minute down to 40; held for 45.0 s so far
        api  errors +0.5 points          insufficient  +0.13 points      limit +0.5 points  samples 1,840/2,400
        api  p99 +20 %                   pass          -3 %              limit +20 %        samples 1,840/2,400
        web  errors +0.5 points          unread
        web  orders a minute down to 40  insufficient  nothing seen yet  limit 40           samples 1,840/?"
  `);
  expect(statusJson([status])).toMatchObject([
    {
      judging: {
        ...{ deployment: "local-1", step: 2, of: 2, percent: 25, since: "2026-03-02T09:59:15.000Z" },
        ...{ lookedAt: look.at, limits: [{ service: "api", seen }, {}, { seen: null }, {}] },
      },
    },
  ]);
});

it("status says of a canary that is begun again that nobody looked yet", () => {
  const status = statusOf(
    eventsOf(began, looked, { type: "deployment-resumed", payload: {} }, began),
    holder,
  );
  expect(statusText([status], now, "npx fairway")).toContain("held for 30.0 s so far, no look yet");
});

it("status says what the last look saw of a canary that waits for a person", () => {
  const text = statusText([statusOf(eventsOf(began, looked, review), null)], now, "npx fairway");
  expect(text).toContain("step 2 of 2: hold at 25 %");
  expect(text).toContain("samples 1,840/2,400");
});

it("status says nothing of a step where its process is gone, or nothing is judged", () => {
  expect(statusOf(eventsOf(began, looked), null).held).toBeNull();
  expect(statusOf(eventsOf(), holder).held).toBeNull();
  const goingBack = { type: "deployment-going-back", payload: { message: "worse" } };
  expect(statusOf(eventsOf(began, looked, goingBack), holder).held).toBeNull();
});
