import { describe, expect, it } from "vitest";
import { simulate, simulationText, type Scenario } from "../../src/testing/testing.ts";

const day: Scenario = {
  name: "a day",
  start: "2026-03-02T09:00:00Z",
  environments: { production: {} },
  releases: { v1: {}, v2: {} },
  events: [{ deploy: "v1" }],
  expect: [{ live: "v1" }],
};

const canary = {
  canary: { weights: [5, 100], holdSeconds: 600, limits: [{ errorRate: { maxIncreasePoints: 0.5 } }] },
};

const seen = async (scenario: Partial<Scenario>) => {
  const { expectations } = await simulate({ ...day, ...scenario });
  return expectations.filter(({ holds }) => !holds).map(({ seen: instead }) => instead);
};

describe("what befalls a deploy", () => {
  it("a release that never becomes ready is gone back from, and says what is live", async () => {
    const failed = await seen({
      releases: { v1: {}, v2: { neverReady: true } },
      events: [{ deploy: "v1" }, { at: "+1h", deploy: "v2" }],
      expect: [
        { of: "deploy-2", outcome: "rolled-back", code: "ROLLED_BACK", says: "v1 is live" },
        { serves: "v1" },
      ],
    });
    expect(failed).toEqual([]);
  });

  it("a release that becomes worse while it is judged is taken back", async () => {
    const failed = await seen({
      environments: { production: { strategy: canary } },
      releases: { v1: {}, v2: { changes: [{ afterSeconds: 300, errorPercent: 10 }] } },
      events: [{ deploy: "v1" }, { at: "+1h", deploy: "v2" }],
      expect: [{ of: "deploy-2", outcome: "rolled-back" }, { weightAtMost: 5, of: "v2" }, { serves: "v1" }],
    });
    expect(failed).toEqual([]);
  });

  it("replicas that end are noticed by the watch after the release", async () => {
    const failed = await seen({
      environments: { production: { afterRelease: { watchSeconds: 600 } } },
      releases: { v1: {}, v2: { crashAfterSeconds: 120 } },
      events: [{ deploy: "v1" }, { at: "+1h", deploy: "v2" }],
      expect: [
        { of: "deploy-2", outcome: "rolled-back", says: "replicas of api are ready" },
        { serves: "v1" },
      ],
    });
    expect(failed).toEqual([]);
  });

  it("an operation that the target refuses leads back", async () => {
    const failed = await seen({
      environments: { production: { strategy: canary } },
      events: [{ deploy: "v1" }, { refuse: "take-over" }, { at: "+1h", deploy: "v2" }],
      expect: [{ of: "deploy-2", outcome: "rolled-back", says: "the target refused it" }, { serves: "v1" }],
    });
    expect(failed).toEqual([]);
  });

  it("a person who wants it back while it runs is heard", async () => {
    const failed = await seen({
      environments: { production: { strategy: canary } },
      events: [
        { deploy: "v1" },
        { at: "+1h", deploy: "v2" },
        { at: "+1h5m", abort: "not today", by: "grace" },
      ],
      expect: [
        { of: "abort-1", outcome: "asked" },
        { of: "deploy-2", outcome: "rolled-back", says: "aborted by grace@laptop: not today" },
      ],
    });
    expect(failed).toEqual([]);
  });

  it("clocks that jump back do not lock anybody out, and a lease of an hour ahead is nobody's", async () => {
    const failed = await seen({
      events: [
        { deploy: "v1", crash: { operation: 1, moment: "after-start" } },
        { at: "+5s", jump: "-1h" },
        { at: "+10s", resume: "go-on" },
      ],
      expect: [{ of: "resume-1", outcome: "promoted" }, { live: "v1" }],
    });
    expect(failed).toEqual([]);
  });
});

it("shows what was done twice, where a replica that was proven ended before somebody went on", async () => {
  const failed = await seen({
    releases: { v1: {}, v2: { crashAfterSeconds: 60 } },
    events: [
      { deploy: "v1" },
      { at: "+1h", deploy: "v2", crash: { operation: 1, moment: "after-end" } },
      { at: "+1h5m", resume: "go-on" },
    ],
    expect: [{ neverTwice: "all" }],
  });
  expect(failed).toEqual([expect.stringMatching(/^replace-replica \(production-2\/0\)$/)]);
});

it("counts an approval only of somebody who may give it", async () => {
  const failed = await seen({
    environments: { production: { approvals: { required: 1 } } },
    releases: { v1: {}, v2: { author: "linus" } },
    events: [
      { approve: "v1", by: "grace" },
      { at: "+1m", deploy: "v1", by: "ada" },
      { at: "+1h", approve: "v2", by: "ada" },
      { at: "+2h", deploy: "v2", by: "ada", name: "her own" },
      { at: "+3h", approve: "v2", by: "linus" },
      { at: "+4h", deploy: "v2", by: "ada", name: "its author's" },
      { at: "+5h", approve: "v2", by: "grace" },
      { at: "+6h", deploy: "v2", by: "ada", name: "somebody else's" },
    ],
    expect: [
      { of: "deploy-1", outcome: "promoted" },
      { of: "her own", outcome: "held", says: "approvals:" },
      { of: "its author's", outcome: "held", says: "approvals:" },
      { of: "somebody else's", outcome: "promoted" },
    ],
  });
  expect(failed).toEqual([]);
});

it("is the same in every run, to the last look and the last hash", async () => {
  const scenario: Scenario = {
    ...day,
    environments: { production: { strategy: canary } },
    events: [{ deploy: "v1" }, { at: "+1h", deploy: "v2" }],
  };
  const [one, other] = [await simulate(scenario), await simulate(scenario)];
  expect(one.timeline).toEqual(other.timeline);
  expect(one.events.at(-1)?.hash).toBe(other.events.at(-1)?.hash);
});

it("tells who did what and when, by the clocks of the scenario, and what was seen instead", async () => {
  const simulation = await simulate({
    ...day,
    zone: "Europe/Berlin",
    start: "2026-03-02T10:00",
    expect: [{ live: "v1" }, { of: "deploy-1", outcome: "held" }],
  });
  expect(simulation.holds).toBe(false);
  expect(simulationText(simulation)).toMatchInlineSnapshot(`
    "a day (times of Europe/Berlin)

    Monday, 2 March 2026
      10:00:00  ada  ▸ deploy-1: deploys v1 to production
      10:00:00  ada  ▸ production: production-1 begins: deploy of v1, 2 operations
      10:00:05  ada  ✓ production: api 1: start v1: ready
      10:00:10  ada  ✓ production: api 2: start v1: ready
      10:00:10  ada  ✓ production: production-1 is proven
      10:00:10  ada  ✓ deploy-1 ends promoted (exit 0): v1 is live in production: production-1

    ✓ v1 is live in production
    ✗ deploy-1 ends held
      instead: promoted (exit 0): v1 is live in production: production-1
    ✓ the ledger proves unbroken"
  `);
});
