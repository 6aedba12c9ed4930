import { once } from "node:events";
import {
  createServer,
  request,
  type Agent,
  type IncomingMessage,
  type Server,
  type ServerResponse,
} from "node:http";
import { createServer as createTcpServer, type AddressInfo } from "node:net";
import { createHash } from "node:crypto";
import { afterEach } from "vitest";
import {
  createMetrics,
  createProxy,
  type ProxyOptions,
  type ServiceProxy,
  type Upstream,
} from "../../../src/host/proxy/proxy.ts";

export const metrics = createMetrics();
/** Done in reverse order when the test has ended. */
export const closing: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

export type Handler = (incoming: IncomingMessage, response: ServerResponse) => unknown;

export async function newProxy(options: Partial<ProxyOptions> = {}): Promise<ServiceProxy> {
  const proxy = await createProxy({ service: "shop", port: 0, metrics, ...options });
  closing.push(() => proxy.close(0));
  return proxy;
}

/** Answers its own name. */
export async function replica(id: string, handler?: Handler): Promise<Upstream> {
  const named: Handler = (incoming, response) => {
    incoming.resume();
    response.end(id);
  };
  const { port } = await listening(
    createServer((incoming, response) => void (handler ?? named)(incoming, response)),
  );
  return { id, address: "127.0.0.1", port, version: "v1" };
}

export const echo: Handler = (incoming, response) => incoming.pipe(response);

/** Takes connections and breaks them when the first byte comes. */
export async function brokenReplica(id: string): Promise<Upstream> {
  const server = createTcpServer((socket) => socket.once("data", () => socket.resetAndDestroy()));
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  closing.push(() => Promise.resolve(server.close()));
  return { id, address: "127.0.0.1", port: (server.address() as AddressInfo).port, version: "v1" };
}

export async function closedPort(): Promise<number> {
  const server = createTcpServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

export async function listening(server: Server): Promise<{ port: number }> {
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  closing.push(() => {
    server.closeAllConnections();
    return new Promise((resolve) => server.close(resolve));
  });
  return { port: (server.address() as AddressInfo).port };
}

export interface Asking {
  readonly method?: string;
  readonly path?: string;
  readonly body?: string;
  readonly agent?: Agent;
  readonly headers?: Record<string, string>;
}

export async function ask(
  proxy: ServiceProxy,
  { method = "GET", path = "/", body = "", agent, headers = {} }: Asking = {},
) {
  const call = request({ host: "127.0.0.1", port: proxy.port, method, path, headers, agent: agent ?? false });
  call.end(body);
  const [response] = (await once(call, "response")) as [IncomingMessage];
  const localPort = response.socket.localPort;
  let text = "";
  for await (const chunk of response) text += String(chunk);
  return { status: response.statusCode, headers: response.headers, body: text, localPort };
}

export async function askTimes(proxy: ServiceProxy, times: number): Promise<Record<string, number>> {
  const counts: Record<string, number> = {};
  for (let count = 0; count < times; count++) {
    const { body } = await ask(proxy);
    counts[body] = (counts[body] ?? 0) + 1;
  }
  return counts;
}

/** Sends back the frames that it gets, unmasked (RFC 6455 section 5.2). */
export function webSocketServer(): Server {
  return createServer().on("upgrade", (incoming: IncomingMessage, socket) => {
    const key = `${String(incoming.headers["sec-websocket-key"])}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`;
    const accept = createHash("sha1").update(key).digest("base64");
    socket.write(
      `HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ${accept}\r\n\r\n`,
    );
    socket.on("data", (frame: Buffer) => {
      const length = (frame[1] ?? 0) & 0x7f;
      const mask = frame.subarray(2, 6);
      const data = frame.subarray(6, 6 + length).map((byte, index) => byte ^ (mask[index % 4] ?? 0));
      socket.write(Buffer.concat([Buffer.from([frame[0] ?? 0, length]), data]));
      if (((frame[0] ?? 0) & 0x0f) === 8) socket.end();
    });
    socket.on("end", () => socket.end());
    socket.on("error", () => undefined);
  });
}
