import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { validateConfig } from "../../../src/config/config.ts";
import { strategyOf } from "../../../src/delivery/strategy.ts";
import type { MetricSource } from "../../../src/model/metric.ts";
import { openMetrics } from "../../../src/providers/metrics/metrics.ts";
import type { Strategy } from "../../../src/release/release.ts";
import { eventClock } from "../../../src/testing/testing.ts";
import { failureOf } from "../../support/failure-of.ts";
import { analysesIn, good, rollOutTo } from "../../support/simulation/canaries.ts";
import { simulationForEachTest } from "../../support/simulation/each-test.ts";
import { fakePrometheus, type FakeAnswer } from "../../support/fake-prometheus.ts";

let strategy: Strategy | undefined;
let metrics: ReadonlyMap<string, MetricSource>;

// Asked for by each command: a test says by what it is judged.
const here = simulationForEachTest(() => (strategy === undefined ? {} : { strategy, metrics }), eventClock);

afterEach(() => {
  vi.unstubAllGlobals();
});

/** Answers at once: time goes on as soon as nobody but a clock is waited for. */
function onTheWeb(answer: (url: URL) => FakeAnswer): void {
  vi.stubGlobal("fetch", (url: URL) => {
    const { status, body } = answer(url);
    return Promise.resolve(new Response(body, { status }));
  });
}

function judgedBy(sources: Record<string, unknown>, limits: readonly unknown[]): void {
  // A value a look: a hold has twenty of them.
  const canary = { weights: [10, 50, 100], holdSeconds: 300, limits, analysis: { minimumRequests: 20 } };
  const config = validateConfig(
    {
      name: "shop",
      services: { api: { dockerfile: "Dockerfile", port: 3000, ready: "/ready" } },
      environments: { local: { target: "local", strategy: { canary }, metrics: sources } },
    },
    "fairway.yaml",
  ).environments["local"];
  if (config === undefined) throw new Error("the config has no environment");
  strategy = strategyOf(config);
  const context = { environment: "local", secrets: {}, clock: here.clock };
  metrics = new Map(
    Object.entries(config.metrics).map(([name, source]) => [name, openMetrics(name, source, context)]),
  );
}

async function endings() {
  return (await analysesIn(here)).map(({ percent, ending }) => [percent, ending]);
}

describe("a canary that is judged by Prometheus", () => {
  /** Null while it runs, and what happens to it otherwise. */
  let gone: ((minutes: number) => "away" | "not scraping" | null) | null;

  beforeEach(() => {
    gone = null;
    const fake = fakePrometheus();
    fake.now = () => here.clock.now().getTime() / 1000;
    let scrapedAt = -Infinity;
    let since = 0;
    const scrape = async () => {
      const at = here.clock.now().getTime();
      const { services } = await here.target.observe();
      if (services.some(({ weight }) => weight !== undefined)) since ||= at;
      const state = gone?.(since === 0 ? 0 : (at - since) / 60_000) ?? null;
      if (at - scrapedAt < 15_000 || state === "not scraping") return state;
      scrapedAt = at;
      const all = (await here.target.traffic?.()) ?? [];
      fake.scrape(
        all.flatMap(({ service, version, origin, requests, failed }) => {
          const labels = { service, version, origin };
          const name = "fairway_http_requests_total";
          return [
            { name, labels: { ...labels, status: "2xx" }, value: requests - failed },
            { name, labels: { ...labels, status: "5xx" }, value: failed },
          ];
        }),
      );
      return state;
    };
    vi.stubGlobal("fetch", async (url: URL, init: RequestInit) => {
      if ((await scrape()) === "away")
        throw new TypeError("fetch failed", { cause: new Error("connect ECONNREFUSED") });
      const { status, body } = fake.answer(url, new Headers(init.headers));
      return new Response(body, { status });
    });
    judgedBy({ figures: { prometheus: { url: "https://prometheus.example" } } }, [
      { errorRate: { maxIncreasePoints: 1, source: "figures" } },
    ]);
  });

  it("goes on while it is as good, step by step", async () => {
    await rollOutTo(here, good);
    expect(await endings()).toEqual([
      [10, "pass"],
      [50, "pass"],
    ]);
  });

  it("goes back where more requests fail", async () => {
    expect(await failureOf(rollOutTo(here, { ...good, errors: 0.05 }))).toMatchObject({
      code: "ROLLED_BACK",
    });
    expect(await endings()).toEqual([[10, "fail"]]);
  });

  it.each([
    ["dies", "away", /prometheus.example gave no answer: connect ECONNREFUSED/],
    [
      "answers what it scraped long ago",
      "not scraping",
      /was measured \d+ s ago, and may be 120 s old at most/,
    ],
  ] as const)("is held where it %s in the middle", async (_, state, says) => {
    gone = (minutes) => (minutes > 2 ? state : null);
    const failure = await failureOf(rollOutTo(here, good));
    expect(failure).toMatchObject({ code: "REVIEW_NEEDED", exitCode: 3 });
    expect(failure.message).toMatch(says);
    expect(await endings()).toEqual([[10, "insufficient"]]);
    expect((await here.target.observe()).services[0]?.weight?.percent).toBe(10);
  });

  it("goes on where it comes back before that", async () => {
    gone = (minutes) => (minutes > 2 && minutes < 2.6 ? "away" : null);
    await rollOutTo(here, good);
    expect(await endings()).toEqual([
      [10, "pass"],
      [50, "pass"],
    ]);
  });

  it("is not judged by a version that it knows nothing of", async () => {
    judgedBy(
      {
        figures: {
          prometheus: {
            url: "https://prometheus.example",
            errorRate: { events: 'e{version="${version}"}', total: 't{version="${version}"}' },
          },
        },
      },
      [{ errorRate: { maxIncreasePoints: 1, source: "figures" } }],
    );
    const failure = await failureOf(rollOutTo(here, good));
    expect(failure).toMatchObject({ code: "REVIEW_NEEDED", exitCode: 3 });
    expect(failure.message).toContain("no request was counted");
  });
});

describe("a canary that is judged by orders", () => {
  const random = () => Math.sin(here.clock.now().getTime() / 7919);

  beforeEach(() => {
    judgedBy(
      {
        shop: {
          web: { url: "https://orders.example/${service}/${version}", values: { orders: "/perMinute" } },
        },
      },
      [{ value: { name: "orders", better: "higher", maxWorsePercent: 5, source: "shop" } }],
    );
  });

  it.each([
    ["goes back where there are fewer", 0.8, "fail"],
    ["stays where there are as many", 1, "pass"],
    ["stays where there are more", 1.3, "pass"],
  ] as const)("%s", async (_, factor, ending) => {
    onTheWeb((url) => {
      const share = url.pathname === "/api/2222222" ? factor : 1;
      const perMinute = 50 * share * (1 + 0.02 * random() * (share === factor ? 1 : 0.5));
      return { status: 200, body: JSON.stringify({ perMinute }) };
    });
    const outcome = rollOutTo(here, good);
    if (ending === "pass") await outcome;
    else expect(await failureOf(outcome)).toMatchObject({ code: "ROLLED_BACK" });
    expect((await endings())[0]).toEqual([10, ending]);
  });
});
