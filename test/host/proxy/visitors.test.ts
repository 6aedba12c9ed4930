import { once } from "node:events";
import { Agent, createServer, request, type IncomingMessage } from "node:http";
import { connect, type Socket } from "node:net";
import { describe, expect, it } from "vitest";
import { createHouse, createMetrics, passHeader, type Connection } from "../../../src/host/proxy/proxy.ts";
import { ask, closing, listening, newProxy, replica, webSocketServer } from "./fixtures.ts";

const pass = "the-pass-of-this-test";

/** Connections of an agent that are those of a replica, by their ports. */
function ownAgent() {
  const ports = new Set<number>();
  const agent = new Agent({ keepAlive: true });
  const createConnection = agent.createConnection.bind(agent);
  agent.createConnection = (...given) => {
    const socket = createConnection(...given) as Socket;
    socket.once("connect", () => ports.add(socket.localPort ?? 0));
    return socket;
  };
  closing.push(async () => {
    agent.destroy();
  });
  const areOwn = async (connections: readonly Connection[]) =>
    connections.map(({ remotePort }) => ports.has(remotePort));
  return { agent, areOwn };
}

describe("who asks", () => {
  it("is counted apart: visitors, services that ask each other, and Fairway itself", async () => {
    const metrics = createMetrics();
    const { agent, areOwn } = ownAgent();
    const proxy = await newProxy({ metrics, house: createHouse({ pass, areOwn }) });
    proxy.admit(await replica("a", (incoming, response) => response.end(incoming.rawHeaders.join())));
    await ask(proxy);
    for (let count = 0; count < 2; count++) await ask(proxy, { agent });
    const seen = [];
    for (let count = 0; count < 3; count++) seen.push(await ask(proxy, { headers: { [passHeader]: pass } }));
    expect(seen.map(({ body }) => body).join()).not.toContain(pass);
    await ask(proxy, { headers: { [passHeader]: "guessed" } });
    await expect
      .poll(() => Object.fromEntries(metrics.counts().map(({ origin, requests }) => [origin, requests])))
      .toEqual({ visitors: 2, services: 2, fairway: 3 });
    const total = 'fairway_http_requests_total{service="shop",version="v1"';
    for (const [origin, count] of [
      ["visitors", 2],
      ["fairway", 3],
      ["services", 2],
    ])
      expect(metrics.text()).toContain(
        `${total},origin="${String(origin)}",status="2xx"} ${String(count)}\n`,
      );
    expect(new Set(metrics.counts().map(({ counters }) => counters)).size).toBe(1);
    expect(createMetrics().counts()).toEqual([]);
  });

  it("is a visitor wherever it cannot be told", async () => {
    const metrics = createMetrics();
    const areOwn = () => Promise.reject(new Error("no /proc"));
    const proxy = await newProxy({ metrics, house: createHouse({ pass, areOwn }) });
    proxy.admit(await replica("a"));
    await ask(proxy);
    await expect
      .poll(() => metrics.counts())
      .toMatchObject([{ origin: "visitors", requests: 1, counters: expect.any(String) as string }]);
  });

  it("is looked for in few looks, however many connections there are", async () => {
    let looks = 0;
    const areOwn = async (connections: readonly Connection[]) => {
      looks += 1;
      await new Promise((resolve) => setTimeout(resolve, 20));
      return connections.map(() => false);
    };
    const metrics = createMetrics();
    const proxy = await newProxy({ metrics, house: createHouse({ pass, areOwn }) });
    proxy.admit(await replica("a"));
    await Promise.all(Array.from({ length: 40 }, () => ask(proxy)));
    await expect.poll(() => metrics.counts()[0]?.requests).toBe(40);
    expect(looks).toBeLessThan(10);
  });
});

describe("when visitors are kept out", () => {
  it("their requests under way come to their end, and only then it is answered; new ones are refused", async () => {
    const proxy = await newProxy();
    proxy.admit(await replica("slow", (_, response) => setTimeout(() => response.end("slow"), 200)));
    const under = ask(proxy);
    await expect.poll(() => proxy.drained("slow", 0)).toBe(false);
    let answered = false;
    const left = proxy.keepOut({ graceMs: 5_000 }).finally(() => (answered = true));
    expect((await ask(proxy)).status).toBe(503);
    expect(answered).toBe(false);
    expect((await under).body).toBe("slow");
    expect(await left).toEqual({ requestsCut: 0, webSocketsClosed: 0 });
    proxy.letIn();
    expect((await ask(proxy)).status).toBe(200);
  });

  it.each(["when their time is over", "at once when nobody waits any more"])(
    "requests that do not end are cut off %s, and counted",
    async (when) => {
      const proxy = await newProxy();
      const noticed = Promise.withResolvers<undefined>();
      proxy.admit(
        await replica("never", (_, response) => {
          response.once("close", () => {
            noticed.resolve(undefined);
          });
        }),
      );
      const under = ask(proxy).catch(() => "cut");
      await expect.poll(() => proxy.drained("never", 0)).toBe(false);
      const aborted = AbortSignal.timeout(50);
      const farewell =
        when === "when their time is over" ? { graceMs: 50 } : { graceMs: 60_000, signal: aborted };
      expect(await proxy.keepOut(farewell)).toEqual({ requestsCut: 1, webSocketsClosed: 0 });
      expect(await under).toBe("cut");
      await noticed.promise;
    },
  );

  it("their WebSockets are closed with 1012, and nothing of theirs reaches the replica any more", async () => {
    const proxy = await newProxy();
    const got: string[] = [];
    const server = webSocketServer().on("upgrade", (_, socket: Socket) =>
      socket.on("data", (frame: Buffer) => got.push(frame.toString("hex"))),
    );
    proxy.admit({ id: "ws", address: "127.0.0.1", port: (await listening(server)).port, version: "v1" });
    const socket = new WebSocket(`ws://127.0.0.1:${String(proxy.port)}/chat`);
    await once(socket, "open");
    const echoed = once(socket, "message");
    socket.send("hello");
    await echoed;
    const closed = once(socket, "close") as Promise<[CloseEvent]>;
    const left = proxy.keepOut({ graceMs: 5_000 });
    socket.send("too late");
    expect(await left).toEqual({ requestsCut: 0, webSocketsClosed: 1 });
    expect((await closed)[0].code).toBe(1012);
    expect(got).toHaveLength(1);
    expect(await proxy.drained("ws", 0)).toBe(true);
  });

  it("a frame that has begun is sent to its end before the close", async () => {
    const proxy = await newProxy();
    const upgraded = Promise.withResolvers<Socket>();
    const server = createServer().on("upgrade", (_, socket: Socket) => {
      socket.write("HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n");
      socket.on("error", () => undefined);
      upgraded.resolve(socket);
    });
    proxy.admit({ id: "ws", address: "127.0.0.1", port: (await listening(server)).port, version: "v1" });
    const client = connect(proxy.port, "127.0.0.1");
    const received: Buffer[] = [];
    client.on("data", (chunk) => received.push(chunk));
    client.write("GET / HTTP/1.1\r\nHost: a\r\nConnection: upgrade\r\nUpgrade: websocket\r\n\r\n");
    const upstream = await upgraded.promise;
    const frames = () => {
      const all = Buffer.concat(received);
      return all.subarray(all.indexOf("\r\n\r\n") + 4).toString("hex");
    };
    // Binary, 300 bytes of payload: a head of four bytes.
    const frame = Buffer.concat([Buffer.from([0x82, 126, 1, 44]), Buffer.alloc(300, 7)]);
    upstream.write(frame.subarray(0, 3));
    await expect.poll(frames).toBe("827e01");
    const left = proxy.keepOut({ graceMs: 5_000 });
    upstream.write(Buffer.concat([frame.subarray(3), Buffer.from([0x81, 1, 65])]));
    await once(client, "end");
    client.end();
    upstream.end();
    expect(await left).toEqual({ requestsCut: 0, webSocketsClosed: 1 });
    expect(frames()).toBe(`${frame.toString("hex")}880203f4`);
  });

  it("a client that does not answer the close is cut off after a short grace", async () => {
    const proxy = await newProxy();
    proxy.admit({
      id: "ws",
      address: "127.0.0.1",
      port: (await listening(webSocketServer())).port,
      version: "v1",
    });
    const call = request({
      port: proxy.port,
      agent: false,
      headers: {
        connection: "upgrade",
        upgrade: "websocket",
        "sec-websocket-key": "dGhlIHNhbXBsZSBub25jZQ==",
      },
    });
    call.end();
    const [, socket] = (await once(call, "upgrade")) as [IncomingMessage, Socket];
    socket.on("error", () => undefined);
    expect(await proxy.keepOut({ graceMs: 100 })).toEqual({ requestsCut: 0, webSocketsClosed: 1 });
  });

  it("requests and WebSockets of services go on, and new ones of theirs and of Fairway are answered", async () => {
    const { agent, areOwn } = ownAgent();
    const proxy = await newProxy({ house: createHouse({ pass, areOwn }) });
    const answer = Promise.withResolvers<undefined>();
    proxy.admit(
      await replica("a", async (incoming, response) => {
        if (incoming.url === "/slow") await answer.promise;
        response.end("fine");
      }),
    );
    const under = ask(proxy, { agent, path: "/slow" });
    await expect.poll(() => proxy.drained("a", 0)).toBe(false);
    expect(await proxy.keepOut({ graceMs: 5_000 })).toEqual({ requestsCut: 0, webSocketsClosed: 0 });
    answer.resolve(undefined);
    expect((await under).body).toBe("fine");
    expect((await ask(proxy, { agent })).status).toBe(200);
    expect((await ask(proxy, { headers: { [passHeader]: pass } })).status).toBe(200);
    expect((await ask(proxy)).status).toBe(503);
  });
});
