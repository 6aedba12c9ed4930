import type { Agent, IncomingMessage, ServerResponse } from "node:http";
import type { Socket } from "node:net";
import type { Duplex } from "node:stream";
import type { ProxyServer } from "httpxy";
import { agentOf, connect, isRepeatable, NotConnected } from "./connection.ts";
import { prepareRequest, prepareResponse } from "./headers.ts";
import type { House, Origin } from "./house.ts";
import { uncounted, type ProxyMetrics, type ReleaseLabels } from "./metrics.ts";
import type { Group, Member, Rotation } from "./rotation.ts";
import { carryWebSocket, type CarriedWebSocket } from "./web-socket.ts";

/** How long an idle connection of a client stays open. */
export const keepAliveSeconds = 75;
const maxTries = 3;
const connectTimeoutMs = 2_000;

interface Forwarding {
  readonly service: string;
  readonly rotation: Rotation;
  readonly metrics: Pick<ProxyMetrics, "answered" | "retried" | "inFlight">;
  readonly library: ProxyServer;
  readonly house: House | undefined;
}

/** Who may answer a request, and what is made of it. */
export interface Route {
  /** The first one is preferred. */
  readonly groups: readonly Group[];
  /** False for what is no visitor's. */
  readonly isCounted: boolean;
  /** A cookie that the visitor is given with the answer. */
  readonly keep?: string;
}

export interface Forwarder {
  web(request: IncomingMessage, response: ServerResponse, route: Route): Promise<void>;
  webSocket(request: IncomingMessage, socket: Socket, head: Buffer, route: Route): Promise<void>;
  /** Undefined for a connection that is no WebSocket yet, or none at all. */
  carried(socket: Socket): CarriedWebSocket | undefined;
}

export function createForwarder(forwarding: Forwarding): Forwarder {
  const cookies = new WeakMap<IncomingMessage, string>();
  forwarding.library.on("proxyRes", (answer, request, response) => {
    prepareResponse(answer.headers, { keepAlive: response.shouldKeepAlive, keepAliveSeconds });
    const keep = cookies.get(request);
    if (keep !== undefined) answer.headers["set-cookie"] = [...(answer.headers["set-cookie"] ?? []), keep];
  });
  const clients = new WeakMap<object, Duplex>();
  const carried = new WeakMap<object, CarriedWebSocket>();
  forwarding.library.on("proxyReqWs", (outgoing, _request, socket) => {
    outgoing.once("upgrade", (_answer, replica) => clients.set(replica, socket));
  });
  // Not before the two are piped: bytes that came with the answer would be lost.
  forwarding.library.on("open", (replica) => {
    const client = clients.get(replica);
    if (client !== undefined) carried.set(client, carryWebSocket(client, replica));
  });
  return {
    carried: (socket) => carried.get(socket),
    web: (request, response, route) => {
      if (route.keep !== undefined) cookies.set(request, route.keep);
      return forwardRequest(along(route, forwarding), request, response);
    },
    webSocket: (request, socket, head, route) =>
      forwardWebSocket(along(route, forwarding), request, socket, head),
  };
}

interface Way extends Forwarding {
  readonly groups: readonly Group[];
}

function along({ groups, isCounted }: Route, forwarding: Forwarding): Way {
  return { ...forwarding, groups, ...(isCounted ? {} : { metrics: uncounted, house: undefined }) };
}

async function forwardRequest(
  forwarding: Way,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const origin = forwarding.house?.originOf(request);
  const repeatable = isRepeatable(request);
  prepareRequest(request, false);
  const sendBy = async (member: Member, agent: Agent) => {
    const target = targetOf(member);
    if (!response.destroyed) await forwarding.library.web(request, response, { target, agent });
  };
  // An answer that has begun cannot begin again.
  const mayRepeat = (error: unknown) =>
    !response.headersSent && !response.destroyed && (repeatable || error instanceof NotConnected);
  const { answered, failed } = await tryInTurn(forwarding, {
    send: async (member, attempt) => {
      if (repeatable && attempt === 1) {
        try {
          await sendBy(member, member.agent);
          return;
        } catch (error) {
          // What was kept may just have been closed: only a new connection tells whether it answers.
          if (!mayRepeat(error)) throw error;
          forwarding.metrics.retried({ service: forwarding.service, version: member.upstream.version });
        }
      }
      await sendBy(member, agentOf(await connect(member.upstream, connectTimeoutMs)));
    },
    mayRepeat,
    refuse: (status, text) => {
      answer(response, status, text);
    },
  });
  if (!response.closed) await new Promise((resolve) => response.once("close", resolve));
  const status = response.writableFinished ? `${String(response.statusCode).charAt(0)}xx` : "aborted";
  count(forwarding, origin, [...failed, ended(answered, status)]);
}

function ended({ version, sinceMs }: Asked, status: string): Counted {
  return { version, status, seconds: (performance.now() - sinceMs) / 1000 };
}

/** Who asked may be known only after the answer. */
function count(
  { service, metrics }: Forwarding,
  origin: Promise<Origin> | undefined,
  counted: readonly Counted[],
): void {
  const add = (by: Origin) => {
    for (const { version, status, seconds } of counted) {
      metrics.answered({ service, version, origin: by }, status, seconds);
    }
  };
  if (origin === undefined) add("visitors");
  else void origin.then(add);
}

async function forwardWebSocket(
  forwarding: Way,
  request: IncomingMessage,
  socket: Socket,
  head: Buffer,
): Promise<void> {
  const origin = forwarding.house?.originOf(request);
  let status = "1xx";
  // httpxy adds a listener of its own later on.
  socket.on("error", () => socket.destroy());
  prepareRequest(request, true);
  const { answered, failed } = await tryInTurn(forwarding, {
    send: async (member) => {
      const agent = agentOf(await connect(member.upstream, connectTimeoutMs));
      if (!socket.destroyed)
        await forwarding.library.ws(request, socket, { target: targetOf(member), agent }, head);
    },
    mayRepeat: (error) => error instanceof NotConnected && !socket.destroyed,
    refuse: (code, text) => {
      status = "5xx";
      if (socket.writable && socket.bytesWritten === 0) socket.end(rawAnswer(code, text));
      else socket.destroy();
    },
  });
  count(forwarding, origin, [...failed, ended(answered, status)]);
}

interface Attempt {
  /** Resolves when the client has its answer. */
  send(member: Member, attempt: number): Promise<void>;
  mayRepeat(error: unknown): boolean;
  refuse(status: 502 | 503, text: string): void;
}

/** A version that was asked, and since when. */
interface Asked {
  readonly version: string;
  readonly sinceMs: number;
}

interface Counted {
  readonly version: string;
  readonly status: string;
  readonly seconds: number;
}

/**
 * Sends to one replica after the other until one has answered. Visitors do not notice that the replicas of a version do not
 * answer while another version does; whoever judges that version has to, so it has failed.
 */
async function tryInTurn(
  { service, rotation, groups, metrics }: Way,
  attempt: Attempt,
): Promise<{ readonly answered: Asked; readonly failed: readonly Counted[] }> {
  const tried = new Set<string>();
  const failed: Counted[] = [];
  let asked: Asked = { version: "", sinceMs: performance.now() };
  const end = () => ({ answered: asked, failed });
  for (let count = 1; count <= maxTries; count++) {
    const member = rotation.pick(groups, tried);
    if (member === undefined) {
      const where = groups.includes("serving") ? "in rotation" : "beside those that serve";
      attempt.refuse(503, `no replica of ${service} is ${where}`);
      return end();
    }
    const { version, id } = member.upstream;
    const labels: ReleaseLabels = { service, version };
    if (version !== asked.version) {
      if (tried.size > 0) failed.push(ended(asked, "aborted"));
      asked = { version, sinceMs: performance.now() };
    }
    tried.add(id);
    metrics.inFlight(labels, 1);
    member.inFlight += 1;
    try {
      await attempt.send(member, count);
      return end();
    } catch (error) {
      if (count === maxTries || !attempt.mayRepeat(error)) {
        attempt.refuse(error instanceof NotConnected ? 503 : 502, `the replica of ${service} did not answer`);
        return end();
      }
      metrics.retried(labels);
    } finally {
      metrics.inFlight(labels, -1);
      member.inFlight -= 1;
      member.onEnd?.();
    }
  }
  return end();
}

function targetOf({ upstream }: Member): string {
  return `http://${upstream.address}:${String(upstream.port)}`;
}

const retryAfterSeconds = 1;

function answer(response: ServerResponse, status: 502 | 503, text: string): void {
  if (response.headersSent) return void response.destroy();
  response.writeHead(status, {
    "content-type": "text/plain; charset=utf-8",
    "retry-after": String(retryAfterSeconds),
  });
  response.end(`${text}\n`);
}

function rawAnswer(status: 502 | 503, text: string): string {
  const reason = status === 502 ? "Bad Gateway" : "Service Unavailable";
  const headers = `Content-Type: text/plain; charset=utf-8\r\nRetry-After: ${String(retryAfterSeconds)}\r\nConnection: close`;
  return `HTTP/1.1 ${String(status)} ${reason}\r\n${headers}\r\n\r\n${text}\n`;
}
