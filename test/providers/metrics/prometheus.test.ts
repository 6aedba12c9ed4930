import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { validateConfig } from "../../../src/config/config.ts";
import { createMetrics } from "../../../src/host/proxy/metrics.ts";
import type { Limit, MetricSource, Values } from "../../../src/model/metric.ts";
import { systemClock } from "../../../src/model/clock.ts";
import { openMetrics } from "../../../src/providers/metrics/metrics.ts";
import { failureOf } from "../../support/failure-of.ts";
import {
  fakePrometheus,
  served,
  success,
  type FakePrometheus,
  type Scraped,
} from "../../support/fake-prometheus.ts";

const { signal } = new AbortController();
const errors: Limit = { metric: "error-rate", source: "figures", bound: { maxIncreasePoints: 0.5 } };
const p99: Limit = {
  metric: "latency",
  source: "figures",
  quantile: 0.99,
  bound: { maxIncreasePercent: 20 },
};
const value = (name: string): Limit => ({
  ...{ metric: "value", source: "figures", name, better: "higher", bound: { maxWorsePercent: 5 } },
});

let fake: FakePrometheus;
let server: Awaited<ReturnType<typeof served>>;
let now: number;

beforeEach(async () => {
  fake = fakePrometheus();
  server = await served((url, headers) => fake.answer(url, headers));
  now = 1_000_000;
  fake.now = () => now;
});

afterEach(async () => {
  vi.unstubAllGlobals();
  await server[Symbol.asyncDispose]();
});

function opened(options: Record<string, unknown> = {}, secrets: Record<string, string> = {}): MetricSource {
  const config = validateConfig(
    {
      name: "shop",
      services: { api: { dockerfile: "Dockerfile", port: 3000, ready: "/ready" } },
      environments: {
        local: { target: "local", metrics: { figures: { prometheus: { url: server.url, ...options } } } },
      },
    },
    "fairway.yaml",
  ).environments["local"]?.metrics["figures"];
  if (config === undefined) throw new Error("the config has no source");
  return openMetrics("figures", config, { environment: "local", secrets, clock: systemClock });
}

async function watch(limit: Limit, options: Record<string, unknown> = {}, version = "2222222") {
  const watching = await opened(options).watch({ limit, service: "api", version }, signal);
  return { before: watching.before, read: async () => watching.read(signal) };
}

/** Counters as a proxy has them, a scrape interval later. */
function scrape(counts: Record<string, number>, labels: Record<string, string> = {}): void {
  now += 15;
  fake.scrape(
    Object.entries(counts).map(([status, count]) => ({
      name: "fairway_http_requests_total",
      labels: { service: "api", version: "2222222", origin: "visitors", status, ...labels },
      value: count,
    })),
  );
}

function histogram(counts: Record<string, number>, labels: Record<string, string> = {}): void {
  now += 15;
  fake.scrape(
    Object.entries(counts).map(([le, count]) => ({
      name: "fairway_http_request_duration_seconds_bucket",
      labels: { service: "api", version: "2222222", origin: "visitors", le, ...labels },
      value: count,
    })),
  );
}

describe("an error rate", () => {
  it("is what raw counters grew by since it is watched, in whole requests", async () => {
    scrape({ "2xx": 1000, "5xx": 3 });
    const { before, read } = await watch(errors);
    expect(before).toEqual({ kind: "counts", events: 3, total: 1003 });
    expect(await read()).toEqual({ kind: "counts", events: 0, total: 0 });
    scrape({ "2xx": 1017, "5xx": 3 });
    scrape({ "2xx": 1040, "5xx": 5 });
    expect(await read()).toEqual({ kind: "counts", events: 2, total: 42 });
  });

  it("counts a series from zero that began after it was watched: the first error of a version makes one", async () => {
    scrape({ "2xx": 100 });
    const { read } = await watch(errors);
    scrape({ "2xx": 110, "5xx": 4, aborted: 1 });
    expect(await read()).toEqual({ kind: "counts", events: 5, total: 15 });
  });

  it("puts replicas together, and leaves out what Fairway asks itself and other versions", async () => {
    scrape({ "2xx": 0 }, { instance: "a" });
    const { read } = await watch(errors);
    scrape({ "2xx": 10 }, { instance: "a" });
    scrape({ "2xx": 5, "5xx": 1 }, { instance: "b" });
    scrape({ "2xx": 500 }, { origin: "fairway" });
    scrape({ "5xx": 500 }, { version: "1111111" });
    expect(await read()).toEqual({ kind: "counts", events: 1, total: 16 });
  });

  describe("whose failed requests have no series", () => {
    const total = 'fairway_http_requests_total{service="${service}",version="${version}"}';
    const events = (text: string) => ({ errorRate: { events: text, total } });

    it("has none of them where its names are known, also where nothing of that version ever failed", async () => {
      scrape({ "2xx": 10 });
      const { read } = await watch(
        errors,
        events('fairway_http_requests_total{status="5xx",version="${version}"}'),
      );
      scrape({ "2xx": 20 });
      expect(await read()).toEqual({ kind: "counts", events: 0, total: 10 });
    });

    it.each([
      [
        "a metric",
        'fairway_http_request_total{status="5xx"}',
        /no version of anything has a series fairway_http_request_total/,
      ],
      [
        "a label",
        'fairway_http_requests_total{stauts="5xx",version="${version}"}',
        /no series of fairway_http_requests_total has a label stauts; it has service, version, origin, status/,
      ],
    ])(
      "cannot be read where %s is misspelt, when it is watched or as soon as there are requests",
      async (_, text, says) => {
        const { read } = await watch(errors, events(text));
        expect(await read()).toEqual({ kind: "counts", events: 0, total: 0 });
        scrape({ "2xx": 10 });
        for (const failed of [await failureOf(read()), await failureOf(watch(errors, events(text)))]) {
          expect(failed).toMatchObject({ code: "METRIC_UNREADABLE" });
          expect(failed.message).toMatch(says);
          expect(failed.remedy).toMatch(/^Correct the name, or let the counter begin with zero/);
        }
      },
    );

    it("asks for nothing that a series need not have", async () => {
      scrape({ "2xx": 10 });
      const text =
        'fairway_http_requests_total{status=~"5.+|aborted",team="",zone!="x{y=\\"1\\"}",version="${version}"}';
      const { read } = await watch(errors, events(text));
      expect(await read()).toMatchObject({ events: 0 });
    });
  });

  it("of a version without a sample yet is nothing of nothing", async () => {
    const { before, read } = await watch(errors);
    expect(before).toBeUndefined();
    expect(await read()).toEqual({ kind: "counts", events: 0, total: 0 });
  });

  it("cannot be read any more once a counter began anew, also where it counts more by now", async () => {
    scrape({ "2xx": 100 });
    const { read } = await watch(errors);
    scrape({ "2xx": 3 });
    scrape({ "2xx": 150 });
    const failure = await failureOf(read());
    expect(failure).toMatchObject({
      code: "METRIC_UNREADABLE",
      place: "fairway.yaml environments.local.metrics.figures",
    });
    expect(failure.message).toContain("began anew while it was watched");
    scrape({ "2xx": 200 });
    expect((await failureOf(read())).message).toContain("began anew");
  });

  it("is not read from what was measured too long ago", async () => {
    scrape({ "2xx": 100 });
    const { read } = await watch(errors);
    now += 100;
    expect(await read()).toMatchObject({ total: 0 });
    now += 30;
    expect((await failureOf(read())).message).toContain(
      "what it has was measured 130 s ago, and may be 120 s old at most",
    );
    scrape({ "2xx": 150 });
    expect(await read()).toMatchObject({ total: 50 });
  });

  it("has nothing missing after a time in which it was not asked, and finds out what began anew in it", async () => {
    scrape({ "2xx": 100 });
    const [whole, broken] = [await watch(errors), await watch(errors, {}, "3333333")];
    for (let count = 1; count <= 40; count += 1) {
      scrape({ "2xx": 100 + count });
      scrape({ "2xx": count === 3 ? 0 : 200 + count }, { version: "3333333" });
    }
    expect(await whole.read()).toMatchObject({ total: 40 });
    expect((await failureOf(broken.read())).message).toContain("began anew");
  });

  it("does not count from zero what was there within the hour and comes back", async () => {
    scrape({ "2xx": 1000 });
    now += 600;
    const { read } = await watch(errors);
    expect(await read()).toEqual({ kind: "counts", events: 0, total: 0 });
    scrape({ "2xx": 1003 });
    expect(await read()).toMatchObject({ total: 3 });
  });

  it("is refused where more fails than there is, and where it is no counter", async () => {
    const own = (events: string, total: string) => ({ errorRate: { events, total } });
    const [errorsTotal, requestsTotal] = ['e{version="${version}"}', 'r{version="${version}"}'];
    const wrong = await watch(errors, own(errorsTotal, requestsTotal));
    const figures = (failed: number, all: number): Scraped[] => [
      { name: "e", labels: { version: "2222222" }, value: failed },
      { name: "r", labels: { version: "2222222" }, value: all },
    ];
    fake.scrape(figures(5, 3));
    expect((await failureOf(wrong.read())).message).toContain("more requests failed (5) than there were (3)");
    now += 1;
    fake.scrape(figures(5, 30.5));
    expect((await failureOf(wrong.read())).message).toContain("is 30.5, and no counter of whole requests");
    const summed = await failureOf(watch(errors, own(errorsTotal, `sum(${requestsTotal})`)));
    expect(summed.message).toContain("answered 400 (bad_data:");
  });

  it("is read by default from what the proxies of a local environment count", async () => {
    const metrics = createMetrics();
    const labels = { service: "api", version: "2222222" };
    metrics.began(labels);
    fake.scrape(seriesIn(metrics.text()));
    const [counts, latencies] = [await watch(errors), await watch(p99)];
    for (const status of ["2xx", "2xx", "5xx", "aborted"])
      metrics.answered({ ...labels, origin: "visitors" }, status, 0.02);
    metrics.answered({ ...labels, origin: "services" }, "2xx", 3);
    metrics.answered({ ...labels, origin: "fairway" }, "5xx", 20);
    now += 15;
    fake.scrape(seriesIn(metrics.text()));
    expect(await counts.read()).toEqual({ kind: "counts", events: 2, total: 5 });
    expect(await latencies.read()).toEqual({
      kind: "distribution",
      buckets: [
        { above: 10, upTo: 25, count: 4 },
        { above: 2500, upTo: 5000, count: 1 },
      ],
    });
  });
});

describe("a latency", () => {
  it("comes from a classic histogram as buckets in milliseconds, of all replicas together", async () => {
    histogram({ "0.1": 5, "0.5": 9, "+Inf": 10 }, { instance: "a" });
    const { read } = await watch(p99);
    histogram({ "0.1": 7, "0.5": 12, "+Inf": 14 }, { instance: "a" });
    histogram({ "0.1": 1, "0.5": 1, "+Inf": 1 }, { instance: "b" });
    expect(await read()).toEqual({
      kind: "distribution",
      buckets: [
        { above: 0, upTo: 100, count: 3 },
        { above: 100, upTo: 500, count: 1 },
        { above: 500, upTo: null, count: 1 },
      ],
    });
  });

  it("is refused where it is no whole classic histogram", async () => {
    const { read } = await watch(p99);
    histogram({ "0.1": 5, "0.5": 9 });
    expect((await failureOf(read())).message).toContain('it has no bucket le="+Inf"');
    const odd = await watch(p99, {}, "3333333");
    histogram({ "0.1": 9, "0.5": 8, "+Inf": 9 }, { version: "3333333" });
    expect((await failureOf(odd.read())).message).toContain("a bucket has less than a smaller one");
    const flat = await watch(p99, {}, "4444444");
    fake.scrape([
      {
        name: "fairway_http_request_duration_seconds_bucket",
        labels: { service: "api", version: "4444444" },
        value: 3,
      },
    ]);
    expect((await failureOf(flat.read())).message).toContain("it has no label le");
    const other = await watch(p99, {}, "5555555");
    histogram({ "0.1": 6, "0.5": 10, "+Inf": 10 }, { version: "5555555", instance: "c" });
    histogram({ "0.2": 6, "0.5": 10, "+Inf": 10 }, { version: "5555555", instance: "d" });
    expect((await failureOf(other.read())).message).toContain("different buckets");
    fake.instead = (query) =>
      query.includes("[120s]")
        ? success({
            resultType: "matrix",
            result: [{ metric: {}, histograms: [[now, { count: "4", sum: "1" }]] }],
          })
        : undefined;
    expect((await failureOf(watch(p99))).message).toContain("native histograms");
  });
});

describe("a value", () => {
  const orders = 'sum(rate(orders_total{version="${version}"}[${window}]))';
  const filled = 'sum(rate(orders_total{version="2222222"}[60s]))';
  const read = async (watching: Awaited<ReturnType<typeof watch>>) =>
    ((await watching.read()) as Values).values;

  it("over a time is taken once in that time, so that nothing is seen twice", async () => {
    fake.expressions.set(filled, ["4.5"]);
    const watching = await watch(value("orders"), { values: { orders } });
    expect(await read(watching)).toEqual([4.5]);
    for (let look = 1; look <= 4; look += 1) {
      now += 15;
      await watching.read();
    }
    expect(await read(watching)).toEqual([4.5, null, null, null, 4.5, null]);
  });

  it("that cannot be read leaves its place empty, so that those of two versions stay pairs", async () => {
    const level = 'sum(level{version="${version}"})';
    fake.expressions.set('sum(level{version="2222222"})', []);
    const watching = await watch(value("level"), { values: { level } });
    expect(await read(watching)).toEqual([null]);
    fake.expressions.set('sum(level{version="2222222"})', ["NaN"]);
    expect(await read(watching)).toEqual([null, null]);
    fake.expressions.set('sum(level{version="2222222"})', ["7"]);
    expect(await read(watching)).toEqual([null, null, 7]);
    fake.expressions.set('sum(level{version="2222222"})', []);
    expect((await failureOf(watching.read())).message).toContain("there is no number any more");
    fake.expressions.set('sum(level{version="2222222"})', ["8"]);
    expect(await read(watching)).toEqual([null, null, 7, null, 8]);
  });

  it("is one number, and as young as the config says", async () => {
    const values = { queue: 'queue{version="${version}"}' };
    const watching = await watch(value("queue"), { values });
    const queue = (instance: string) =>
      fake.scrape([{ name: "queue", labels: { version: "2222222", instance }, value: 3 }]);
    queue("a");
    expect(await read(watching)).toEqual([3]);
    now += 121;
    expect((await failureOf(watching.read())).message).toContain("was measured 121 s ago");
    queue("a");
    queue("b");
    expect((await failureOf(watching.read())).message).toContain("it has 2 numbers for one version");
  });
});

describe("a version", () => {
  it.each([
    ["a quote", '2"} or up{x="'],
    ["a backslash", "2\\"],
    ["a line", "2\n3"],
    ["a placeholder", "${service}"],
  ])("with %s in it stays one value of a label", async (_, version) => {
    const { read } = await watch(errors, {}, version);
    scrape({ "2xx": 7 }, { version });
    scrape({ "2xx": 99 }, { version: "2" });
    expect(await read()).toMatchObject({ total: 7 });
  });

  it("is plain text in a regular expression", async () => {
    const selector = 'fairway_http_requests_total{version=~"v-${version}"}';
    const { read } = await watch(errors, { errorRate: { events: selector, total: selector } }, "1.2+3");
    scrape({ "2xx": 7 }, { version: "v-1.2+3" });
    scrape({ "2xx": 99 }, { version: "v-1x223" });
    expect(await read()).toMatchObject({ total: 7 });
  });
});

describe("Prometheus", () => {
  it("whose certificate nobody trusts is told with what names its authority", async () => {
    const cause = Object.assign(new Error("self-signed certificate in certificate chain"), {
      code: "SELF_SIGNED_CERT_IN_CHAIN",
    });
    vi.stubGlobal("fetch", () => Promise.reject(new TypeError("fetch failed", { cause })));
    const failed = await failureOf(watch(errors));
    expect(failed.message).toContain("self-signed certificate in certificate chain");
    expect(failed.remedy).toContain("NODE_EXTRA_CA_CERTS=/path/to/ca.pem");
  });

  it("is asked with a token, or with a password, and neither is in an error", async () => {
    fake.instead = (query) => ({
      status: 401,
      body: JSON.stringify({ status: "error", errorType: "auth", error: `not ${query} sesame-sesame` }),
    });
    const asked = async (options: Record<string, unknown>, secrets: Record<string, string>) => {
      const watching = opened(options, secrets).watch(
        { limit: errors, service: "api", version: "2" },
        signal,
      );
      return failureOf(watching);
    };
    const token = await asked({ token: "PROM_TOKEN" }, { PROM_TOKEN: "sesame-sesame" });
    const basicAuth = { username: "ada", password: "PROM_PASSWORD" };
    const pair = await asked({ basicAuth }, { PROM_PASSWORD: "sesame-sesame" });
    expect(fake.asked.map(({ authorization }) => authorization)).toEqual([
      "Bearer sesame-sesame",
      `Basic ${Buffer.from("ada:sesame-sesame").toString("base64")}`,
    ]);
    for (const failure of [token, pair]) {
      expect(failure.message).toContain("it answered 401 (auth: not time() ***)");
      expect(`${failure.message} ${failure.remedy ?? ""}`).not.toContain("sesame");
    }
    const missing = await asked({ token: "PROM_TOKEN" }, {});
    expect(missing.message).toContain("there is no value for PROM_TOKEN");
    expect(fake.asked).toHaveLength(2);
  });

  it.each([
    ["is gone", null, "gave no answer"],
    ["answers a page", { status: 200, body: "<html>Log in</html>" }, "the answer is none of Prometheus"],
    ["leads elsewhere", { status: 302, body: "", headers: { location: "/login" } }, "it answered 302"],
    [
      "lacks a part",
      success({ resultType: "scalar", result: [1, "1"] }, { warnings: ["a store is away"] }),
      "it warns: a store is away",
    ],
    ["says too much", { status: 200, body: " ".repeat(8 * 1024 * 1024 + 1) }, "it is larger than 8 MiB"],
  ])("that %s cannot be read", async (_, answer, says) => {
    if (answer === null) await server[Symbol.asyncDispose]();
    else fake.instead = () => answer;
    const failure = await failureOf(watch(errors));
    expect(failure).toMatchObject({ code: "METRIC_UNREADABLE", exitCode: 1 });
    expect(failure.message).toContain(says);
    if (answer === null) server = await served(() => ({ status: 200, body: "" }));
  });

  it("that only hints at names is read", async () => {
    fake.instead = (query) =>
      query === "time()"
        ? success(
            { resultType: "scalar", result: [now, String(now)] },
            { warnings: ["PromQL info: no counter"], infos: ["x"] },
          )
        : undefined;
    const { read } = await watch(errors);
    scrape({ "2xx": 2 });
    expect(await read()).toMatchObject({ total: 2 });
  });
});

/** The text format, as far as the proxies use it. */
function seriesIn(text: string): Scraped[] {
  return [...text.matchAll(/^(\w+)\{(.*)\} (\S+)$/gm)].map(([, name = "", labels = "", number = ""]) => ({
    name,
    labels: Object.fromEntries(
      [...labels.matchAll(/(\w+)="([^"]*)"/g)].map(([, label = "", text = ""]) => [label, text]),
    ),
    value: Number(number),
  }));
}
