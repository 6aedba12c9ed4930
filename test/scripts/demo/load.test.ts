import { createServer, type RequestListener, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { afterEach, describe, expect, it } from "vitest";
import { startLoad } from "../../../scripts/demo/load/load.ts";
import { shopMix } from "../../../scripts/demo/load/mix.ts";
import { latencyOf, type LoadReport } from "../../../scripts/demo/load/report.ts";
import type { RequestKind } from "../../../scripts/demo/load/request.ts";

const servers: Server[] = [];
afterEach(() => {
  for (const server of servers.splice(0)) server.close().closeAllConnections();
});

describe("the load generator", () => {
  it("counts what succeeded, and the releases that answered", async () => {
    let answered = 0;
    const url = await serve((_request, response) => {
      response.setHeader("x-shop-version", answered++ % 2 === 0 ? "aaa" : "bbb").end("hello");
    });
    const report = await load([get(url)]);
    expect(report.failed).toBe(0);
    expect(report.succeeded).toBe(report.sent);
    expect(report.sent).toBeGreaterThan(20);
    expect(report.statuses).toEqual({ "200": report.sent });
    expect(answeredBy(report, "aaa") + answeredBy(report, "bbb")).toBe(report.sent);
    expect(report.connections.reused).toBeGreaterThan(0);
  });

  it("tells the failures of one release from those of another", async () => {
    let answered = 0;
    const url = await serve((_request, response) => {
      const isBad = answered++ % 2 === 1;
      response.setHeader("x-shop-version", isBad ? "bad" : "good");
      response.writeHead(isBad ? 500 : 200).end("hello");
    });
    const report = await load([get(url)]);
    expect(report.versions["good"]).toMatchObject({ failed: 0 });
    expect(report.versions["bad"]).toMatchObject({ answered: report.failed, failed: report.failed });
    expect(report.failures).toMatchObject([{ reason: "status 500", version: "bad", count: report.failed }]);
  });

  it("says of a failure that no release answered where none did", async () => {
    const url = await serve((_request, response) => {
      response.writeHead(503).end("no replica");
    });
    const report = await load([get(url)]);
    expect(report.failures).toMatchObject([{ reason: "status 503", version: null, count: report.sent }]);
    expect(report.versions).toEqual({});
  });

  it("sends no more requests than it is told to", async () => {
    const url = await serve((_request, response) => response.end("hello"));
    const limited = startLoad({ kinds: [get(url)], requestsPerSecond: 200, timeoutMs: 1_000, requests: 7 });
    await limited.allAnswered;
    await sleep(100);
    expect((await limited.stop()).sent).toBe(7);
  });

  it("counts a reset as a failure, and does not try again", async () => {
    let received = 0;
    const url = await serve((request) => {
      received += 1;
      request.socket.resetAndDestroy();
    });
    const report = await load([get(url)]);
    expect(report.failed).toBe(report.sent);
    expect(received).toBe(report.sent);
    expect(report.failures.map((failure) => failure.reason)).toEqual(["reset"]);
  });

  it("counts a refused connection as a failure", async () => {
    const url = await serve(() => undefined);
    servers.pop()?.close();
    const report = await load([get(url)]);
    expect(report.failed).toBe(report.sent);
    expect(report.failures[0]?.reason).toBe("refused");
  });

  it("counts a 503 as a failure, and shows what it said", async () => {
    const url = await serve((_request, response) => {
      response.writeHead(503).end("no replica");
    });
    const report = await load([get(url)]);
    expect(report.failures[0]).toMatchObject({ reason: "status 503", count: report.sent });
    expect(report.failures[0]?.first.detail).toBe("no replica");
  });

  it("counts an answer that is cut short as a failure", async () => {
    const url = await serve((_request, response) => {
      response.writeHead(200, { "content-length": "100" }).write("hel");
      setTimeout(() => response.destroy(), 10);
    });
    const report = await load([get(url)]);
    expect(report.failed).toBe(report.sent);
    expect(["truncated", "reset"]).toContain(report.failures[0]?.reason);
  });

  it("counts a 200 with the wrong body as a failure", async () => {
    const url = await serve((_request, response) => {
      response.end("<h1>Sorry</h1>");
    });
    expect((await load([get(url)])).failures[0]?.reason).toBe("body");
  });

  it("counts silence as a failure when its time is over", async () => {
    const url = await serve(() => undefined);
    const report = await load([get(url)], { timeoutMs: 100 });
    expect(report.failures[0]).toMatchObject({ reason: "timeout", count: report.sent });
  });

  it("waits for the answers in flight when it is stopped", async () => {
    const url = await serve((_request, response) => {
      setTimeout(() => response.end("hello"), 300);
    });
    const report = await load([get(url)], { forMs: 100 });
    expect(report.failed).toBe(0);
    expect(report.succeeded).toBe(report.sent);
    expect(report.mostInFlight).toBeGreaterThan(1);
  });

  it("sends bodies, and opens connections of their own where that is asked", async () => {
    const bodies = new Set<string>();
    const ports = new Set<number | undefined>();
    const url = await serve((request, response) => {
      ports.add(request.socket.remotePort);
      let body = "";
      request.on("data", (part: Buffer) => (body += part.toString()));
      request.on("end", () => {
        bodies.add(body);
        response.end("hello");
      });
    });
    const report = await load([{ ...get(url), method: "POST", body: "{}", newConnection: true }]);
    expect(report.failed).toBe(0);
    expect([...bodies]).toEqual(["{}"]);
    expect(report.withBody).toBe(report.sent);
    expect(report.connections).toEqual({ opened: report.sent, reused: 0 });
    expect(ports.size).toBe(report.sent);
  });

  it("sends nothing to another machine", () => {
    const kinds = [get("http://192.0.2.1/")];
    expect(() => startLoad({ kinds, requestsPerSecond: 1, timeoutMs: 1 })).toThrow("for this machine only");
  });

  it("mixes kept-alive and new connections, bodies, and slow requests", () => {
    const mix = shopMix({ api: "http://127.0.0.1:1/", web: "http://127.0.0.1:2/" });
    const share = (test: (kind: RequestKind) => boolean) => mix.filter(test).length / mix.length;
    expect(share((kind) => kind.newConnection === true)).toBeGreaterThan(0.2);
    expect(share((kind) => kind.body !== undefined)).toBeGreaterThan(0.1);
    expect(mix.some((kind) => kind.url.endsWith("seconds=2"))).toBe(true);
  });

  it("takes quantiles by nearest rank", () => {
    const values = Array.from({ length: 100 }, (_, index) => index + 1);
    expect(latencyOf(values)).toEqual({ p50: 50, p90: 90, p95: 95, p99: 99, max: 100 });
    expect(latencyOf([])).toEqual({ p50: 0, p90: 0, p95: 0, p99: 0, max: 0 });
  });
});

function get(url: string): RequestKind {
  return { name: "hello", method: "GET", url, expect: { status: 200, body: /^hello$/ } };
}

async function serve(listener: RequestListener): Promise<string> {
  const server = createServer(listener);
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
}

async function load(
  kinds: readonly RequestKind[],
  { forMs = 300, timeoutMs = 5_000 } = {},
): Promise<LoadReport> {
  const running = startLoad({ kinds, requestsPerSecond: 200, timeoutMs });
  await sleep(forMs);
  return running.stop();
}

function answeredBy({ versions }: LoadReport, version: string): number {
  return versions[version]?.answered ?? 0;
}
