import { once } from "node:events";
import { createServer, request, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, describe, expect, it } from "vitest";
import {
  createMetrics,
  createProxy,
  type ServiceProxy,
  type Upstream,
} from "../../../src/host/proxy/proxy.ts";

const closing: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

describe("a weight", () => {
  it.each([5, 0.5, 33.3, 50, 100])("of %s percent is exact over a thousand requests", async (percent) => {
    const { proxy } = await twoSides();
    proxy.weigh({ version: "v2", percent, sticky: false });
    const { v2 = 0 } = await askTimes(proxy, 1_000);
    expect(Math.abs(v2 - 10 * percent)).toBeLessThanOrEqual(1);
  });

  it("leaves it to chance who gets it, so that both sides are asked the same of what comes in turn", async () => {
    const { proxy } = await twoSides();
    proxy.weigh({ version: "v2", percent: 50, sticky: false });
    const beside = { even: 0, odd: 0 };
    for (let count = 0; count < 200; count++) {
      if ((await ask(proxy)).body === "v2") beside[count % 2 === 0 ? "even" : "odd"] += 1;
    }
    expect(beside.even + beside.odd).toBe(100);
    // Five standard deviations.
    expect(Math.abs(beside.even - 50)).toBeLessThanOrEqual(25);
  });

  it("is not there at first, and is gone at once when it is taken back", async () => {
    const { proxy } = await twoSides();
    expect(await askTimes(proxy, 20)).toEqual({ v1: 20 });
    proxy.weigh({ version: "v2", percent: 100, sticky: false });
    expect(await askTimes(proxy, 20)).toEqual({ v2: 20 });
    proxy.weigh(null);
    expect(await askTimes(proxy, 20)).toEqual({ v1: 20 });
  });

  it("leaves the requests of each side spread over its replicas", async () => {
    const { proxy } = await twoSides();
    proxy.admit(await replica("v1", { id: "other-v1", name: "other v1" }));
    proxy.admit(await replica("v2", { id: "other-v2", name: "other v2" }), "beside");
    proxy.weigh({ version: "v2", percent: 50, sticky: false });
    expect(await askTimes(proxy, 40)).toEqual({ v1: 10, "other v1": 10, v2: 10, "other v2": 10 });
  });
});

describe("a sticky visitor", () => {
  it("is told his side once, in a cookie that scripts do not see, beside those of the application", async () => {
    const proxy = await newProxy();
    const withCookie = (_: IncomingMessage, response: ServerResponse) =>
      response.setHeader("set-cookie", "session=1").end("v1");
    proxy.admit(await replica("v1", { handler: withCookie }));
    proxy.admit(await replica("v2", { handler: withCookie }), "beside");
    proxy.weigh({ version: "v2", percent: 50, sticky: true });
    const { cookies } = await ask(proxy);
    expect(cookies).toEqual([
      "session=1",
      expect.stringMatching(/^fairway-side=\d+\.v2; Path=\/; HttpOnly; SameSite=Lax$/) as string,
    ]);
    expect((await ask(proxy, { cookie: keptOf(cookies) })).cookies).toEqual(["session=1"]);
  });

  it("stays where he is, moves when the weight grows, and never back while it does not shrink", async () => {
    const { proxy } = await twoSides();
    const visitors: { cookie: string; side: string }[] = [];
    proxy.weigh({ version: "v2", percent: 10, sticky: true });
    for (let count = 0; count < 200; count++) {
      const { cookies, body } = await ask(proxy);
      visitors.push({ cookie: keptOf(cookies), side: body });
    }
    const beside = () => visitors.filter(({ side }) => side === "v2").length;
    expect(beside()).toBe(20);
    for (const percent of [10, 25, 50, 100]) {
      proxy.weigh({ version: "v2", percent, sticky: true });
      for (const visitor of visitors) {
        const { body, cookies } = await ask(proxy, { cookie: visitor.cookie });
        expect(cookies).toEqual([]);
        if (percent === 10 || visitor.side === "v2") expect(body).toBe(visitor.side);
        visitor.side = body;
      }
      // Whose number is not under the weight is left to chance: five standard deviations of it.
      const expected = 2 * percent;
      expect(Math.abs(beside() - expected)).toBeLessThanOrEqual([10, 100].includes(percent) ? 0 : 36);
    }
    expect(beside()).toBe(200);
  });

  it("of an earlier rollout, or with a cookie that he made up, is a new one", async () => {
    const { proxy } = await twoSides();
    proxy.weigh({ version: "v2", percent: 50, sticky: true });
    for (const cookie of [
      "fairway-side=0.v1",
      "fairway-side=x.v2",
      "fairway-side",
      "fairway-side=12345.v2",
    ]) {
      expect((await ask(proxy, { cookie })).cookies).toHaveLength(1);
    }
    expect((await ask(proxy, { cookie: "a=b; fairway-side=0.v2" })).body).toBe("v2");
    expect((await ask(proxy, { cookie: "fairway-side=999.v2; a=b" })).body).toBe("v1");
  });
});

describe("a side in which nobody is", () => {
  it("costs no visitor his answer: the other one gives it", async () => {
    const { proxy, ids } = await twoSides();
    proxy.weigh({ version: "v2", percent: 50, sticky: false });
    proxy.withdraw(ids.beside);
    expect(await askTimes(proxy, 10)).toEqual({ v1: 10 });
    proxy.withdraw(ids.serving);
    expect((await ask(proxy)).status).toBe(503);
  });

  it("is not replaced by what runs beside without a weight", async () => {
    const { proxy, ids } = await twoSides();
    proxy.withdraw(ids.serving);
    expect((await ask(proxy)).status).toBe(503);
  });

  it.each(["GET", "POST"])(
    "is noticed when a connection is refused: a %s is sent to the other one",
    async (method) => {
      const proxy = await newProxy();
      proxy.admit(await replica("v1"));
      proxy.admit({ id: "gone", address: "127.0.0.1", port: 1, version: "v2" }, "beside");
      proxy.weigh({ version: "v2", percent: 100, sticky: false });
      for (let count = 0; count < 5; count++) {
        expect(await ask(proxy, { method })).toMatchObject({ status: 200, body: "v1" });
      }
    },
  );
});

describe("a version whose visitors the other one answers", () => {
  /** Half of the visitors get v2 first. @returns what was counted of each once `requests` were answered */
  const countedOf = async (v2: Upstream, requests: number) => {
    const metrics = createMetrics();
    const proxy = await newProxy(metrics);
    proxy.admit(await replica("v1"));
    proxy.admit(v2, "beside");
    proxy.weigh({ version: "v2", percent: 50, sticky: false });
    for (let count = 0; count < requests; count++) {
      expect(await ask(proxy)).toMatchObject({ status: 200 });
    }
    await expect
      .poll(() => metrics.counts().find(({ version }) => version === "v1")?.requests)
      .toBe(requests);
    return Object.fromEntries(metrics.counts().map((counts) => [counts.version, counts]));
  };

  it("has failed, and its time is not that of the one that answered", async () => {
    const late = (incoming: IncomingMessage) => setTimeout(() => incoming.socket.destroy(), 150);
    const { v1, v2 } = await countedOf(await replica("v2", { handler: late }), 8);
    expect([v1?.failed, v2?.failed, v2?.requests]).toEqual([0, 4, 4]);
    expect(v1?.latencies.filter(({ overSeconds }) => overSeconds >= 0.15)).toEqual([]);
  });

  it("has failed where it takes no connection", async () => {
    const gone = { id: "gone", address: "127.0.0.1", port: 1, version: "v2" };
    const { v2 } = await countedOf(gone, 6);
    expect([v2?.failed, v2?.requests]).toEqual([3, 3]);
  });
});

it("a connection that was kept and is closed when it is used again is no failure of a version", async () => {
  const { proxy, metrics } = await twoSides();
  let seen = 0;
  // Every second request on a connection finds it closed.
  const closing = (incoming: IncomingMessage, response: ServerResponse) => {
    const { socket } = incoming as { socket: typeof incoming.socket & { used?: boolean } };
    seen += 1;
    if (socket.used === true) return socket.destroy();
    socket.used = true;
    return response.end("closing");
  };
  const beside = await replica("v2", { id: "closing", handler: closing });
  proxy.withdraw("v2");
  proxy.admit(beside, "beside");
  proxy.weigh({ version: "v2", percent: 100, sticky: false });
  expect(await askTimes(proxy, 6)).toEqual({ closing: 6 });
  expect(seen).toBeGreaterThan(6);
  await expect
    .poll(() => metrics.counts().map(({ version, requests, failed }) => [version, requests, failed]))
    .toEqual([
      ["v1", 0, 0],
      ["v2", 6, 0],
    ]);
});

it("how long a WebSocket lasts is no latency, and one that nobody accepts has failed", async () => {
  const metrics = createMetrics();
  const labels = { service: "shop", version: "v1", origin: "visitors" } as const;
  metrics.answered(labels, "1xx", 3_600);
  metrics.answered(labels, "2xx", 0.01);
  const [counts] = metrics.counts();
  expect(counts?.requests).toBe(2);
  expect(counts?.latencies.map(({ requests }) => requests)).toEqual([1]);
  const own = createMetrics();
  const proxy = await newProxy(own);
  proxy.admit({ id: "gone", address: "127.0.0.1", port: 1, version: "v1" });
  await new Promise((resolve) => {
    new WebSocket(`ws://127.0.0.1:${String(proxy.port)}/`).addEventListener("error", resolve);
  });
  await expect.poll(() => own.counts()).toMatchObject([{ version: "v1", requests: 1, failed: 1 }]);
});

describe("the idle address", () => {
  it("is answered by what runs beside, and by nothing else", async () => {
    const { proxy, ids } = await twoSides();
    const port = await proxy.openIdle(0);
    expect(await proxy.openIdle(0)).toBe(port);
    expect(proxy.idlePort()).toBe(port);
    expect(await askTimes(proxy, 5, port)).toEqual({ v2: 5 });
    proxy.withdraw(ids.beside);
    expect(await ask(proxy, { port })).toMatchObject({
      status: 503,
      body: "no replica of shop is beside those that serve\n",
    });
  });

  it("is counted among nobody's requests, while both sides are at the public one", async () => {
    const { proxy, metrics } = await twoSides();
    const port = await proxy.openIdle(0);
    await askTimes(proxy, 7, port);
    proxy.weigh({ version: "v2", percent: 50, sticky: false });
    await askTimes(proxy, 4);
    await expect
      .poll(() => metrics.counts().map(({ version, requests }) => [version, requests]))
      .toEqual([
        ["v1", 2],
        ["v2", 2],
      ]);
  });
});

it("a replica that moves from one side to the other is drained of what it was asked on both", async () => {
  const proxy = await newProxy();
  const late = (_: IncomingMessage, response: ServerResponse) => setTimeout(() => response.end("late"), 200);
  const slow = await replica("v2", { handler: late });
  proxy.admit(slow, "beside");
  const port = await proxy.openIdle(0);
  const inFlight = ask(proxy, { port });
  await new Promise((resolve) => setTimeout(resolve, 50));
  proxy.admit(slow);
  expect((await ask(proxy, { port })).status).toBe(503);
  proxy.withdraw(slow.id);
  expect(await proxy.drained(slow.id, 20)).toBe(false);
  expect(await proxy.drained(slow.id, 5_000)).toBe(true);
  expect((await inFlight).body).toBe("late");
});

it("a replica that was started again on another port is asked there", async () => {
  const proxy = await newProxy();
  proxy.admit(await replica("v1", { id: "same", name: "before" }));
  expect((await ask(proxy)).body).toBe("before");
  proxy.withdraw("same");
  proxy.admit(await replica("v1", { id: "same", name: "after" }));
  expect(await askTimes(proxy, 3)).toEqual({ after: 3 });
});

it("latencies are counted finely enough to compare quantiles to some percent", () => {
  const metrics = createMetrics();
  const labels = { service: "shop", version: "v1", origin: "visitors" } as const;
  const seconds = [0, 0.00005, 0.0001, 0.000_1001, 0.0123, 0.0123, 0.5, 99.9, 100, 3_600];
  for (const one of seconds) metrics.answered(labels, "2xx", one);
  const [{ latencies } = { latencies: [] }] = metrics.counts();
  expect(latencies.map(({ requests }) => requests)).toEqual([3, 1, 2, 1, 2, 1]);
  for (const one of seconds) {
    const within = latencies.filter(
      ({ overSeconds, upToSeconds }) =>
        (one > overSeconds || (one === 0 && overSeconds === 0)) && one <= (upToSeconds ?? Infinity),
    );
    expect(within, String(one)).toHaveLength(1);
  }
  for (const { overSeconds, upToSeconds } of latencies.slice(1, -1)) {
    expect(upToSeconds).toBeLessThanOrEqual(overSeconds * 1.0201);
  }
  expect(latencies.at(-1)).toEqual({ overSeconds: 100, upToSeconds: null, requests: 1 });
});

async function newProxy(metrics = createMetrics()): Promise<ServiceProxy> {
  const proxy = await createProxy({ service: "shop", port: 0, metrics });
  closing.push(() => proxy.close(0));
  return proxy;
}

/** One replica of v1 that serves, and one of v2 beside it; each answers its version. */
async function twoSides() {
  const metrics = createMetrics();
  const proxy = await newProxy(metrics);
  const [serving, beside] = [await replica("v1"), await replica("v2")];
  proxy.admit(serving);
  proxy.admit(beside, "beside");
  return { proxy, metrics, ids: { serving: serving.id, beside: beside.id } };
}

interface ReplicaOptions {
  readonly id?: string;
  readonly name?: string;
  readonly handler?: (incoming: IncomingMessage, response: ServerResponse) => unknown;
}

async function replica(
  version: string,
  { id = version, name = version, handler }: ReplicaOptions = {},
): Promise<Upstream> {
  const server = createServer((incoming, response) => {
    incoming.resume();
    if (handler === undefined) response.end(name);
    else handler(incoming, response);
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  closing.push(() => {
    server.closeAllConnections();
    return new Promise((resolve) => server.close(resolve));
  });
  return { id, address: "127.0.0.1", port: (server.address() as AddressInfo).port, version };
}

interface Asking {
  readonly method?: string;
  readonly port?: number;
  readonly cookie?: string;
}

async function ask(proxy: ServiceProxy, { method = "GET", port = proxy.port, cookie }: Asking = {}) {
  const headers = cookie === undefined ? {} : { cookie };
  const call = request({ host: "127.0.0.1", port, method, headers });
  call.end(method === "POST" ? "body" : "");
  const [response] = (await once(call, "response")) as [IncomingMessage];
  let body = "";
  for await (const chunk of response) body += String(chunk);
  return { status: response.statusCode, body, cookies: response.headers["set-cookie"] ?? [] };
}

async function askTimes(
  proxy: ServiceProxy,
  times: number,
  port = proxy.port,
): Promise<Record<string, number>> {
  const counts: Record<string, number> = {};
  for (let count = 0; count < times; count++) {
    const { body } = await ask(proxy, { port });
    counts[body] = (counts[body] ?? 0) + 1;
  }
  return counts;
}

/** What a browser sends back of it. */
function keptOf(cookies: readonly string[]): string {
  return cookies.find((cookie) => cookie.startsWith("fairway-side="))?.split(";")[0] ?? "";
}
