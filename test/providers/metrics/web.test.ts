import { afterEach, beforeEach, expect, it } from "vitest";
import { validateConfig } from "../../../src/config/config.ts";
import type { Limit } from "../../../src/model/metric.ts";
import { openMetrics } from "../../../src/providers/metrics/metrics.ts";
import { failureOf } from "../../support/failure-of.ts";
import { served, type FakeAnswer } from "../../support/fake-prometheus.ts";
import { virtualClock } from "../../../src/testing/testing.ts";

const { signal } = new AbortController();
const errors: Limit = { metric: "error-rate", source: "shop", bound: { maxIncreasePoints: 0.5 } };
const orders: Limit = {
  ...{ metric: "value", source: "shop", name: "orders", better: "higher", bound: { maxWorsePercent: 5 } },
};

interface Asked {
  readonly path: string;
  readonly headers: Headers;
  readonly body: string;
}

let server: Awaited<ReturnType<typeof served>>;
let asked: Asked[];
let answer: unknown;
let clock: ReturnType<typeof virtualClock>;

beforeEach(async () => {
  asked = [];
  clock = virtualClock();
  server = await served((url, headers, body) => {
    asked.push({ path: `${url.pathname}${url.search}`, headers, body });
    const isAnswer = typeof answer === "object" && answer !== null && "status" in answer;
    return isAnswer ? (answer as FakeAnswer) : { status: 200, body: JSON.stringify(answer) };
  });
});

afterEach(async () => {
  await server[Symbol.asyncDispose]();
});

async function watch(
  limit: Limit,
  options: Record<string, unknown>,
  { version = "2222222", secrets = {} }: { version?: string; secrets?: Record<string, string> } = {},
) {
  const path = "/figures/${service}?of=${version}";
  const config = validateConfig(
    {
      name: "shop",
      services: { api: { dockerfile: "Dockerfile", port: 3000, ready: "/ready" } },
      environments: {
        local: { target: "local", metrics: { shop: { web: { url: `${server.url}${path}`, ...options } } } },
      },
    },
    "fairway.yaml",
  ).environments["local"]?.metrics["shop"];
  if (config === undefined) throw new Error("the config has no source");
  const source = openMetrics("shop", config, { environment: "local", secrets, clock });
  const watching = await source.watch({ limit, service: "api", version }, signal);
  return { before: watching.before, read: async () => watching.read(signal) };
}

it("reads a number wherever a pointer leads, also one that is text", async () => {
  const values = { orders: "/data/0/per~1minute" };
  answer = { data: [{ "per/minute": 41.5 }] };
  const { read } = await watch(orders, { values });
  expect(await read()).toEqual({ kind: "values", values: [41.5] });
  answer = { data: [{ "per/minute": "40.25" }] };
  expect(await read()).toEqual({ kind: "values", values: [41.5, 40.25] });
  answer = { data: [] };
  expect((await failureOf(read())).message).toContain("there is no number at /data/0/per~1minute any more");
  answer = { data: [{ "per/minute": "many" }] };
  expect((await failureOf(read())).message).toContain("what is at /data/0/per~1minute is no number");
  answer = { data: [{ "per/minute": 39 }] };
  expect(await read()).toEqual({ kind: "values", values: [41.5, 40.25, null, null, 39] });
});

it("takes no part of the prototype for a number", async () => {
  answer = {};
  const { read } = await watch(orders, { values: { orders: "/constructor/length" } });
  expect(await read()).toEqual({ kind: "values", values: [null] });
});

it("counts what counters grew by, and says where they began anew", async () => {
  const errorRate = { events: "/failed", total: "/all" };
  answer = { failed: 2, all: 100 };
  const { before, read } = await watch(errors, { errorRate });
  expect(before).toEqual({ kind: "counts", events: 2, total: 100 });
  answer = { failed: 3, all: 150 };
  expect(await read()).toEqual({ kind: "counts", events: 1, total: 50 });
  answer = { failed: 0, all: 10 };
  expect((await failureOf(read())).message).toContain("its counters began anew");
  answer = { failed: 9, all: 900 };
  expect((await failureOf(read())).message).toContain("its counters began anew");
});

it("counts from zero what it does not know yet, and does not take half a counter for none", async () => {
  const errorRate = { events: "/failed", total: "/all" };
  answer = { failed: null, all: null };
  const { before, read } = await watch(errors, { errorRate });
  expect(before).toBeUndefined();
  expect(await read()).toEqual({ kind: "counts", events: 0, total: 0 });
  answer = { all: 12 };
  expect((await failureOf(read())).message).toContain("null of 12 is no count of requests that failed");
  answer = { failed: 13, all: 12 };
  expect((await failureOf(read())).message).toContain("13 of 12 is no count");
  answer = { failed: 1, all: 12 };
  expect(await read()).toEqual({ kind: "counts", events: 1, total: 12 });
});

it("asks for a version as one parameter, one path and one text, whatever is in it", async () => {
  answer = { orders: 1 };
  const options = { values: { orders: "/orders" }, method: "POST", body: '{"version":"${version}"}' };
  const { read } = await watch(orders, options, { version: 'a"b&c=d/../${service}\\' });
  await read();
  expect(asked[0]?.path).toBe(`/figures/api?of=${encodeURIComponent('a"b&c=d/../${service}\\')}`);
  expect(JSON.parse(asked[0]?.body ?? "")).toEqual({ version: 'a"b&c=d/../${service}\\' });
});

it("does not take for fresh what was measured, or kept on the way, for too long", async () => {
  const values = { orders: "/orders" };
  const at = (milliseconds: number) => new Date(clock.now().getTime() - milliseconds).toISOString();
  const { read } = await watch(orders, { values, measuredAt: "/at" });
  answer = { orders: 1, at: at(119_000) };
  expect(await read()).toMatchObject({ values: [1] });
  answer = { orders: 1, at: at(121_000) };
  expect((await failureOf(read())).message).toContain("was measured 121 s ago");
  answer = { orders: 1, at: clock.now().getTime() / 1000 };
  expect(await read()).toMatchObject({ values: [1, null, 1] });
  // What was not measured anew since then tells nothing new.
  expect(await read()).toMatchObject({ values: [1, null, 1, null] });
  answer = { orders: 1, at: "yesterday" };
  expect((await failureOf(read())).message).toContain("does not say when it was measured");
  const kept = await watch(orders, { values });
  answer = { status: 200, body: '{"orders":1}', headers: { age: "500" } };
  expect((await failureOf(kept.read())).message).toContain("was measured 500 s ago");
});

it("takes a value over a time once in that time", async () => {
  answer = { orders: 5 };
  const { read } = await watch(orders, { values: { orders: "/orders" }, windowSeconds: 60 });
  await read();
  await clock.advance(30_000);
  await read();
  await clock.advance(30_000);
  expect(await read()).toEqual({ kind: "values", values: [5, null, 5] });
});

it("sends its token to one address only, and names it in no error", async () => {
  const options = { values: { orders: "/orders" }, token: "SHOP_TOKEN", headers: { "x-tenant": "shop" } };
  const secrets = { SHOP_TOKEN: "sesame-sesame" };
  answer = { status: 302, body: "", headers: { location: "/elsewhere" } };
  const { read } = await watch(orders, options, { secrets });
  const failure = await failureOf(read());
  expect(failure.message).toContain("it answered 302");
  expect(failure.remedy).toContain("it is not followed");
  expect(asked).toHaveLength(1);
  expect(asked[0]?.headers.get("authorization")).toBe("Bearer sesame-sesame");
  expect(asked[0]?.headers.get("x-tenant")).toBe("shop");
  expect(`${failure.message} ${String(failure.remedy)} ${String(failure.cause)}`).not.toContain("sesame");
  answer = { status: 200, body: "<html>" };
  expect((await failureOf(read())).message).toContain("the answer is no JSON");
});
