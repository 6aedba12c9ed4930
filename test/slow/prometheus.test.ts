import { spawn, spawnSync, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { validateConfig } from "../../src/config/config.ts";
import { freePort } from "../../src/host/processes/processes.ts";
import { systemClock } from "../../src/model/clock.ts";
import type {
  AnalysisRecord,
  Counts,
  Distribution,
  Limit,
  MetricSource,
  Values,
} from "../../src/model/metric.ts";
import type { TargetOperation } from "../../src/model/target.ts";
import { openMetrics } from "../../src/providers/metrics/metrics.ts";
import { analyse } from "../../src/release/analysis/analysis.ts";
import { deployed, release, urlOf, type TestEnvironment } from "../providers/targets/local/fixtures.ts";
import { startLoad } from "../providers/targets/local/load.ts";
import { failureOf } from "../support/failure-of.ts";

const missing =
  spawnSync("prometheus", ["--version"]).status === 0
    ? undefined
    : "prometheus is not installed: apt-get install -y prometheus";

const { signal } = new AbortController();
const ofFigures = { metric: "value", source: "figures", bound: { worst: 1 } } as const;
const figures = { metric: "error-rate", source: "figures", bound: { maxIncreasePoints: 2 } } as const;
const p99: Limit = { metric: "latency", source: "figures", quantile: 0.5, bound: { maxMilliseconds: 1000 } };

test("a real Prometheus scrapes a local environment, and a canary is judged by what it has", async ({
  skip,
}) => {
  if (missing !== undefined) skip(missing);
  await using there = await deployed("v1");
  const { metricsUrl = "" } = await there.target.observe();
  await using prometheus = await startPrometheus(new URL(metricsUrl).host);
  const source = sourceAt(prometheus.url);
  const errors = await source.watch({ limit: figures, service: "api", version: "v2" }, signal);
  const latencies = await source.watch({ limit: p99, service: "api", version: "v2" }, signal);
  await apply(there, { kind: "start-beside", service: "api", version: "v2", replicas: 2 });
  await apply(there, { kind: "set-weight", version: "v2", services: ["api"], percent: 50, sticky: false });
  const load = startLoad(await urlOf(there.target), 100);
  const records: AnalysisRecord[] = [];
  await analyse(
    {
      ...{ kind: "analyse", version: "v2", percent: 50, holdSeconds: 12, extendSeconds: 60, lookSeconds: 2 },
      limits: [figures, p99].map((limit) => ({ service: "api", limit })),
      rule: { alpha: 0.01, power: 0.9, expected: 0.001, atLeast: 100 },
      ...{ failedLooks: 1, sourceErrors: 4, whenInsufficient: "hold" },
    },
    {
      ...there.context(),
      ...{ target: there.target, clock: systemClock, sources: new Map([["figures", source]]) },
      ...{ spentBefore: [], looked: async () => undefined },
      record: (record) => records.push(record),
      watched: () => undefined,
    },
  );
  expect(records.map(({ ending }) => ending)).toEqual(["pass"]);
  const { failures, versions } = await load.stop();
  expect(failures).toEqual([]);
  const answered = versions["v2"] ?? 0;
  expect(answered).toBeGreaterThan(300);
  // Whoever counts raw samples has every request, and no half of one.
  await expect
    .poll(async () => errors.read(signal), { timeout: 20_000, interval: 500 })
    .toEqual({
      ...{ kind: "counts", events: 0, total: answered },
    });
  const { buckets } = (await latencies.read(signal)) as Distribution;
  expect(buckets.reduce((sum, { count }) => sum + count, 0)).toBe(answered);
  // One in twenty took two seconds.
  expect(buckets.at(-1)?.above).toBeGreaterThanOrEqual(1000);

  const rate: Limit = { ...ofFigures, name: "perSecond", better: "higher" };
  const perSecond = await source.watch({ limit: rate, service: "api", version: "v2" }, signal);
  const [value] = ((await perSecond.read(signal)) as Values).values;
  expect(value).toBeGreaterThan(0);

  for (const version of ['v2"} or vector(1) #', "v2\\", "v2\n", 'v2"', "v2.*"]) {
    const odd = await source.watch({ limit: figures, service: "api", version }, signal);
    expect(((await odd.read(signal)) as Counts).total).toBe(0);
  }
  const summed = await failureOf(
    sourceAt(prometheus.url, {
      errorRate: { events: "sum(fairway_http_requests_total)", total: "sum(fairway_http_requests_total)" },
    }).watch({ limit: { ...figures, bound: { maxPercent: 1 } }, service: "api", version: "v2" }, signal),
  );
  expect(summed.message).toMatch(/it answered 400 \(bad_data: .*parse error/);
  for (const [events, says] of [
    [
      'fairway_http_request_total{status="5xx"}',
      /no version of anything has a series fairway_http_request_total$/,
    ],
    [
      'fairway_http_requests_total{code=~"5.."}',
      /no series of fairway_http_requests_total has a label code; it has /,
    ],
  ] as const) {
    const misspelt = { errorRate: { events, total: 'fairway_http_requests_total{version="${version}"}' } };
    const watched = sourceAt(prometheus.url, misspelt).watch(
      { limit: figures, service: "api", version: "v2" },
      signal,
    );
    expect((await failureOf(watched)).message).toMatch(says);
  }

  await prometheus[Symbol.asyncDispose]();
  expect((await failureOf(errors.read(signal))).message).toContain("gave no answer");
}, 180_000);

test("what a real Prometheus does not scrape any more is not taken for fresh", async ({ skip }) => {
  if (missing !== undefined) skip(missing);
  await using there = await deployed("v1");
  const { metricsUrl = "" } = await there.target.observe();
  await using prometheus = await startPrometheus(new URL(metricsUrl).host);
  const source = sourceAt(prometheus.url, { maxAgeSeconds: 4 });
  const level: Limit = { ...ofFigures, name: "inFlight", better: "lower" };
  await (await fetch(await urlOf(there.target))).text();
  const errors = await source.watch({ limit: figures, service: "api", version: "v1" }, signal);
  const inFlight = await source.watch({ limit: level, service: "api", version: "v1" }, signal);
  await expect.poll(async () => ((await errors.read(signal)) as Counts).total, { timeout: 20_000 }).toBe(1);
  expect(((await inFlight.read(signal)) as Values).values).toEqual([0]);
  await there.target.stop(there.context({ fencingToken: 2 }), { removeData: false });
  await new Promise((resolve) => setTimeout(resolve, 7_000));
  expect((await failureOf(errors.read(signal))).message).toMatch(
    /was measured \d+ s ago, and may be 4 s old at most/,
  );
  expect((await failureOf(inFlight.read(signal))).message).toMatch(/no number any more|was measured/);
}, 120_000);

function sourceAt(url: string, options: Record<string, unknown> = {}): MetricSource {
  const values = {
    perSecond: 'sum(rate(fairway_http_requests_total{version="${version}"}[${window}]))',
    inFlight: 'fairway_http_requests_in_flight{version="${version}"}',
  };
  const config = validateConfig(
    {
      name: "shop",
      services: { api: { dockerfile: "Dockerfile", port: 3000, ready: "/ready" } },
      environments: {
        local: { target: "local", metrics: { figures: { prometheus: { url, values, ...options } } } },
      },
    },
    "fairway.yaml",
  ).environments["local"]?.metrics["figures"];
  if (config === undefined) throw new Error("the config has no source");
  return openMetrics("figures", config, { environment: "local", secrets: {}, clock: systemClock });
}

function apply(there: TestEnvironment, operation: TargetOperation) {
  const version = "version" in operation ? operation.version : "v1";
  return there.target.apply(operation, release(version), there.context());
}

async function startPrometheus(scraped: string): Promise<{ readonly url: string } & AsyncDisposable> {
  const directory = await mkdtemp(join(tmpdir(), "fairway-prometheus-"));
  const file = join(directory, "prometheus.yml");
  await writeFile(
    file,
    `global: { scrape_interval: 1s }\nscrape_configs:\n  - job_name: fairway\n    static_configs: [{ targets: ["${scraped}"] }]\n`,
  );
  const address = `127.0.0.1:${String(await freePort())}`;
  const child = spawn(
    "prometheus",
    [
      `--config.file=${file}`,
      `--storage.tsdb.path=${join(directory, "data")}`,
      `--web.listen-address=${address}`,
      "--log.level=error",
    ],
    { stdio: ["ignore", "inherit", "inherit"] },
  );
  const end = async () => {
    await ended(child);
    await rm(directory, { recursive: true, force: true });
  };
  const url = `http://${address}`;
  try {
    await expect.poll(() => upAt(url), { timeout: 60_000, interval: 200 }).toBe(1);
  } catch (error) {
    await end();
    throw error;
  }
  return { url, [Symbol.asyncDispose]: end };
}

/** Of what it scrapes, how many it has seen. */
async function upAt(url: string): Promise<number> {
  const answer = await fetch(`${url}/api/v1/query?query=up==1`).catch(() => undefined);
  if (answer?.ok !== true) return 0;
  const { data } = (await answer.json()) as { data: { result: unknown[] } };
  return data.result.length;
}

async function ended(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exit = once(child, "exit");
  child.kill("SIGTERM");
  await exit;
}
