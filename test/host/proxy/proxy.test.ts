import { once } from "node:events";
import { Agent, createServer, request, type IncomingMessage, type ServerResponse } from "node:http";
import { expect, test } from "vitest";
import { createMetrics, createProxy } from "../../../src/host/proxy/proxy.ts";
import {
  ask,
  askTimes,
  brokenReplica,
  closedPort,
  closing,
  echo,
  listening,
  metrics,
  newProxy,
  replica,
  webSocketServer,
} from "./fixtures.ts";

test("requests are spread over the replicas in rotation, and none goes to one that was withdrawn", async () => {
  const proxy = await newProxy();
  const [a, b] = [await replica("a"), await replica("b")];
  proxy.admit(a);
  proxy.admit(b);
  expect(await askTimes(proxy, 10)).toEqual({ a: 5, b: 5 });
  proxy.withdraw("a");
  expect(await askTimes(proxy, 5)).toEqual({ b: 5 });
});

test("the replica with fewer requests in flight gets the next one", async () => {
  const proxy = await newProxy();
  const held = Promise.withResolvers<ServerResponse>();
  proxy.admit(await replica("slow", (_, response) => void held.resolve(response)));
  const slow = ask(proxy);
  const response = await held.promise;
  proxy.admit(await replica("quick"));
  expect(await askTimes(proxy, 6)).toEqual({ quick: 6 });
  response.end("slow");
  expect((await slow).body).toBe("slow");
});

test("nothing in rotation is answered 503, with Retry-After", async () => {
  const proxy = await newProxy();
  const answer = await ask(proxy);
  expect(answer).toMatchObject({ status: 503, body: "no replica of shop is in rotation\n" });
  expect(answer.headers["retry-after"]).toBe("1");
});

test.each(["GET", "POST"])("a %s goes to another replica when one refuses connections", async (method) => {
  const proxy = await newProxy();
  proxy.admit({ id: "gone", address: "127.0.0.1", port: await closedPort(), version: "v1" });
  proxy.admit(await replica("here", echo));
  for (let count = 0; count < 4; count++) {
    const body = method === "POST" ? "x".repeat(100_000) : "";
    expect(await ask(proxy, { method, body })).toMatchObject({
      status: 200,
      body: method === "POST" ? body : "",
    });
  }
  expect(metrics.text()).toMatch(/fairway_http_retries_total\{service="shop",version="v1"\} [1-9]/);
});

test("a GET is asked again when the connection breaks before an answer; a POST is not, and gets a 502", async () => {
  const proxy = await newProxy();
  proxy.admit(await brokenReplica("broken"));
  proxy.admit(await replica("good"));
  expect(await askTimes(proxy, 6)).toEqual({ good: 6 });
  const posts = [
    await ask(proxy, { method: "POST", body: "1" }),
    await ask(proxy, { method: "POST", body: "2" }),
  ];
  expect(posts.map((answer) => answer.status).sort()).toEqual([200, 502]);
});

test("a replica that closes idle connections costs nobody a request", async () => {
  const proxy = await newProxy();
  const server = await listening(createServer({ keepAliveTimeout: 1 }, echo));
  proxy.admit({ id: "closing", address: "127.0.0.1", port: server.port, version: "v1" });
  const agent = new Agent({ keepAlive: true });
  closing.push(() => {
    agent.destroy();
    return Promise.resolve();
  });
  for (let count = 0; count < 60; count++) {
    const method = count % 2 === 0 ? "GET" : "POST";
    const answer = await ask(proxy, { method, body: method === "POST" ? "body" : "", agent });
    expect(answer.status).toBe(200);
    await new Promise((resolve) => setTimeout(resolve, count % 5));
  }
});

test("a client's connection stays open whatever replicas say, and closes when the client asks for it", async () => {
  const proxy = await newProxy();
  proxy.admit(
    await replica("closing", (_, response) => {
      response.setHeader("connection", "close");
      response.end("closing");
    }),
  );
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  closing.push(() => {
    agent.destroy();
    return Promise.resolve();
  });
  const first = await ask(proxy, { agent });
  proxy.forget("closing");
  proxy.admit(await replica("next"));
  const second = await ask(proxy, { agent });
  expect([first.localPort, first.headers.connection]).toEqual([second.localPort, "keep-alive"]);
  expect((await ask(proxy, { headers: { connection: "close" } })).headers.connection).toBe("close");
});

test("drained is said when the last request in flight has ended, and not before", async () => {
  const proxy = await newProxy();
  proxy.admit(await replica("a", (_, response) => setTimeout(() => response.end("late"), 300)));
  const inFlight = ask(proxy);
  await new Promise((resolve) => setTimeout(resolve, 100));
  proxy.withdraw("a");
  expect(await proxy.drained("a", 20)).toBe(false);
  expect(await proxy.drained("a", 5_000)).toBe(true);
  expect((await inFlight).body).toBe("late");
});

test("bodies flow both ways as they come", async () => {
  const proxy = await newProxy();
  proxy.admit(
    await replica("stream", async (incoming, response) => {
      for await (const chunk of incoming) response.write(`<${String(chunk)}>`);
      response.end();
    }),
  );
  const call = request({ port: proxy.port, method: "POST", agent: false });
  call.write("one");
  const [response] = (await once(call, "response")) as [IncomingMessage];
  const chunks = response[Symbol.asyncIterator]() as AsyncIterator<Buffer>;
  expect(String((await chunks.next()).value)).toBe("<one>");
  call.end("two");
  expect(String((await chunks.next()).value)).toBe("<two>");
  expect((await chunks.next()).done).toBe(true);
});

test("a replica that dies in the middle of an answer ends the client's answer too", async () => {
  const proxy = await newProxy();
  proxy.admit(
    await replica("dies", (incoming, response) => {
      response.write("begin");
      setTimeout(() => incoming.socket.destroy(), 30);
    }),
  );
  await expect(ask(proxy)).rejects.toThrow();
});

test("a client that goes away is noticed by the replica", async () => {
  const proxy = await newProxy();
  const noticed = Promise.withResolvers<undefined>();
  proxy.admit(
    await replica("a", (_, response) =>
      response.once("close", () => {
        noticed.resolve(undefined);
      }),
    ),
  );
  const call = request({ port: proxy.port, agent: false });
  call.on("error", () => undefined);
  call.end();
  setTimeout(() => call.destroy(), 50);
  await noticed.promise;
});

test("the replica learns who asked, by X-Forwarded headers; headers of the connection are not passed on", async () => {
  const proxy = await newProxy();
  proxy.admit(
    await replica("headers", (incoming, response) => response.end(JSON.stringify(incoming.headers))),
  );
  const answer = await ask(proxy, {
    headers: {
      host: "shop.example",
      "x-forwarded-for": "203.0.113.7",
      connection: "keep-alive, x-hop",
      "x-hop": "1",
      te: "trailers",
    },
  });
  const seen = JSON.parse(answer.body) as Record<string, string>;
  expect(seen).toMatchObject({
    host: "shop.example",
    "x-forwarded-for": "203.0.113.7, 127.0.0.1",
    "x-forwarded-host": "shop.example",
    "x-forwarded-proto": "http",
  });
  expect(seen).not.toHaveProperty("x-hop");
  expect(seen).not.toHaveProperty("te");
});

test("WebSockets are carried, and count as in flight until they close", async () => {
  const proxy = await newProxy();
  const server = await listening(webSocketServer());
  proxy.admit({ id: "gone", address: "127.0.0.1", port: await closedPort(), version: "v1" });
  proxy.admit({ id: "ws", address: "127.0.0.1", port: server.port, version: "v1" });
  const socket = new WebSocket(`ws://127.0.0.1:${String(proxy.port)}/chat`);
  await once(socket, "open");
  const message = once(socket, "message") as Promise<[MessageEvent]>;
  socket.send("hello");
  expect((await message)[0].data).toBe("hello");
  proxy.withdraw("ws");
  expect(await proxy.drained("ws", 20)).toBe(false);
  socket.close();
  expect(await proxy.drained("ws", 5_000)).toBe(true);
});

test("an upgrade that no WebSocket is, is an ordinary request", async () => {
  const proxy = await newProxy();
  proxy.admit(await replica("plain"));
  const answer = await ask(proxy, {
    headers: { connection: "upgrade, http2-settings", upgrade: "h2c", "http2-settings": "AAM" },
  });
  expect(answer).toMatchObject({ status: 200, body: "plain" });
});

test("metrics count by service, release and class of status, in Prometheus' text format", async () => {
  const own = createMetrics();
  const proxy = await createProxy({ service: 'a"b', port: 0, metrics: own });
  closing.push(() => proxy.close(0));
  const missing = await replica("missing", (_, response) => response.writeHead(404).end());
  proxy.admit({ ...missing, version: "4f2a9c1" });
  const labels = 'service="a\\"b",version="4f2a9c1"';
  const asked = `${labels},origin="visitors"`;
  const counted = (status: string, count: number) =>
    `\nfairway_http_requests_total{${asked},status="${status}"} ${String(count)}\n`;
  // Each family is there before the first request.
  expect(own.text()).toContain(`# TYPE fairway_http_requests_total counter${counted("2xx", 0)}`);
  expect(own.text()).toContain(counted("4xx", 0));
  expect(own.text()).toContain(`fairway_http_request_duration_seconds_count{${asked}} 0`);
  expect(own.text()).toContain(`fairway_http_requests_in_flight{${labels}} 0`);
  expect(own.text()).toContain(`fairway_http_retries_total{${labels}} 0`);
  await ask(proxy);
  await ask(proxy);
  expect(own.text()).toContain(counted("4xx", 2));
  expect(own.text()).toContain(`fairway_http_request_duration_seconds_bucket{${asked},le="+Inf"} 2`);
  expect(own.text()).toContain(`fairway_http_requests_in_flight{${labels}} 0`);
  expect(own.text().endsWith("\n")).toBe(true);
});

test("the same counters are data: 5xx and answers that were cut off have failed", async () => {
  const own = createMetrics();
  const proxy = await createProxy({ service: "shop", port: 0, metrics: own });
  closing.push(() => proxy.close(0));
  const answers = await replica("mixed", (incoming, response) => {
    if (incoming.url === "/broken") response.writeHead(503).end();
    else if (incoming.url === "/cut") response.write("half", () => response.destroy());
    else response.end("fine");
  });
  proxy.admit({ ...answers, version: "v1" });
  for (const path of ["/", "/", "/broken"]) await ask(proxy, { path });
  await ask(proxy, { path: "/cut" }).catch(() => undefined);
  await expect
    .poll(() => own.counts())
    .toMatchObject([{ service: "shop", version: "v1", requests: 4, failed: 2 }]);
  const latencies = own.counts().flatMap((count) => count.latencies);
  expect(latencies.reduce((sum, { requests }) => sum + requests, 0)).toBe(4);
});
