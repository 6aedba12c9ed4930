import { createServer, ServerResponse, type IncomingMessage, type Server } from "node:http";
import { Socket } from "node:net";
import type { Duplex } from "node:stream";
import { createProxyServer } from "httpxy";
import { createForwarder, keepAliveSeconds } from "./forward.ts";
import { createGate, type Entry } from "./gate.ts";
import type { ProxyMetrics } from "./metrics.ts";
import { createRotation, type Upstream } from "./rotation.ts";

export { createMetrics, type ProxyMetrics, type ReleaseLabels } from "./metrics.ts";
export { passHeader, type Entry } from "./gate.ts";
export type { Upstream } from "./rotation.ts";

export interface ProxyOptions {
  /** Name of the service, for the metrics and the proxy's own answers. */
  readonly service: string;
  readonly port: number;
  /** @default "127.0.0.1" */
  readonly address?: string;
  readonly metrics: ProxyMetrics;
}

/**
 * The one address of a service: a load balancer over the replicas in rotation.
 *
 * A request goes to the replica with the least requests in flight. One that fails is tried on another replica only
 * where that cannot do anything twice: when no connection could be established, or when it is idempotent and has no
 * body, and nothing was answered; three tries at most. Kept connections to a replica carry only such requests, so a
 * replica that closes an idle connection never costs anybody a POST. Connections of clients are the proxy's own and
 * survive every rollout. `503` with `Retry-After` is answered while nothing is in rotation.
 */
export interface ServiceProxy {
  readonly port: number;
  /** Sends requests to this replica from now on. */
  admit(upstream: Upstream): void;
  /** Sends it no further requests; those in flight go on. */
  withdraw(id: string): void;
  /** True as soon as a withdrawn replica has no request in flight (WebSockets count), false after `milliseconds`. */
  drained(id: string, milliseconds: number): Promise<boolean>;
  /** Withdraws it and drops idle connections to it. */
  forget(id: string): void;
  /** While it is not null, only those whom it lets in are answered by a replica; all others get 503 and a page. */
  keepOut(entry: Entry | null): void;
  /** The replicas in rotation. */
  inRotation(): readonly Upstream[];
  /** Stops listening, gives requests in flight `graceMs`, then ends all connections. */
  close(graceMs: number): Promise<void>;
}

/** Starts listening. @throws the listen error (EADDRINUSE, ...) */
export async function createProxy(options: ProxyOptions): Promise<ServiceProxy> {
  const rotation = createRotation();
  const gate = createGate();
  const forwarder = createForwarder({
    service: options.service,
    rotation,
    metrics: options.metrics,
    library: createProxyServer(),
  });
  const server = createServer({
    keepAliveTimeout: keepAliveSeconds * 1000,
    // An upload may take its time; the head of a request may not.
    requestTimeout: 0,
    headersTimeout: 60_000,
    noDelay: true,
    shouldUpgradeCallback: isWebSocket,
  });
  server.on("request", (request, response) => {
    if (gate.admits(request)) void forwarder.web(request, response);
    else gate.refuse(response);
  });
  const upgraded = new Set<Duplex>();
  server.on("upgrade", (request, socket, head) => {
    upgraded.add(socket);
    socket.once("close", () => upgraded.delete(socket));
    // A server without TLS has no other streams.
    if (!(socket instanceof Socket)) socket.destroy();
    else if (gate.admits(request)) void upgradeOrAnswer(request, socket, head);
    else gate.refuseUpgrade(socket);
  });
  const upgradeOrAnswer = (request: IncomingMessage, socket: Socket, head: Buffer): Promise<void> => {
    if (isWebSocket(request)) return forwarder.webSocket(request, socket, head);
    // A Node without shouldUpgradeCallback: an upgrade that nobody has to accept (h2c) is an ordinary request.
    const response = new ServerResponse(request);
    response.shouldKeepAlive = false;
    response.assignSocket(socket);
    response.once("finish", () => socket.end());
    return forwarder.web(request, response);
  };
  const port = await listen(server, options.port, options.address ?? "127.0.0.1");
  return {
    port,
    admit: (upstream) => {
      options.metrics.began({ service: options.service, version: upstream.version });
      rotation.admit(upstream);
    },
    withdraw: (id) => {
      rotation.withdraw(id);
    },
    drained: (id, milliseconds) => rotation.drained(id, milliseconds),
    forget: (id) => {
      rotation.forget(id);
    },
    keepOut: (entry) => {
      gate.keepOut(entry);
    },
    inRotation: () => rotation.members().map((member) => member.upstream),
    close: (graceMs) => close(server, upgraded, graceMs),
  };
}

function isWebSocket(request: IncomingMessage): boolean {
  return request.headers.upgrade?.toLowerCase() === "websocket";
}

function listen(server: Server, port: number, host: string): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen({ port, host }, () => {
      server.off("error", reject);
      const address = server.address();
      resolve(typeof address === "object" && address !== null ? address.port : port);
    });
  });
}

function close(server: Server, upgraded: ReadonlySet<Duplex>, graceMs: number): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(() => {
      server.closeAllConnections();
      for (const socket of upgraded) socket.destroy();
    }, graceMs);
    server.close(() => {
      clearTimeout(timer);
      resolve();
    });
    server.closeIdleConnections();
  });
}
