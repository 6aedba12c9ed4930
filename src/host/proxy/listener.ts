import { createServer, ServerResponse, type IncomingMessage, type Server } from "node:http";
import { Socket } from "node:net";
import type { Duplex } from "node:stream";
import { keepAliveSeconds, type Forwarder, type Route } from "./forward.ts";
import { refuse, refuseUpgrade, type Gate } from "./gate.ts";

/** One address that is listened on. */
export interface Listener {
  readonly port: number;
  /** Stops listening, gives requests in flight `graceMs`, then ends all connections. */
  close(graceMs: number): Promise<void>;
}

interface Listening {
  readonly forwarder: Forwarder;
  readonly gate: Gate;
  readonly routeOf: (request: IncomingMessage) => Route;
  readonly port: number;
  readonly address: string;
}

/** @throws the listen error (EADDRINUSE, ...) */
export async function openListener({
  forwarder,
  gate,
  routeOf,
  port: wanted,
  address,
}: Listening): Promise<Listener> {
  const server = createServer({
    keepAliveTimeout: keepAliveSeconds * 1000,
    // An upload may take its time; the head of a request may not.
    requestTimeout: 0,
    headersTimeout: 60_000,
    noDelay: true,
    shouldUpgradeCallback: isWebSocket,
  });
  server.on("request", (request, response) => {
    gate.pass(request, {
      serve: () => forwarder.web(request, response, routeOf(request)),
      refuse: () => {
        refuse(response);
      },
    });
  });
  const upgraded = new Set<Duplex>();
  server.on("upgrade", (request, socket, head) => {
    upgraded.add(socket);
    socket.once("close", () => upgraded.delete(socket));
    // A server without TLS has no other streams.
    if (!(socket instanceof Socket)) return void socket.destroy();
    // While it is found out who asks nobody else listens.
    socket.on("error", () => socket.destroy());
    gate.pass(request, {
      serve: () => upgradeOrAnswer(request, socket, head),
      carried: () => forwarder.carried(socket),
      refuse: () => {
        refuseUpgrade(socket);
      },
    });
  });
  const upgradeOrAnswer = (request: IncomingMessage, socket: Socket, head: Buffer): Promise<void> => {
    const route = routeOf(request);
    if (isWebSocket(request)) return forwarder.webSocket(request, socket, head, route);
    // A Node without shouldUpgradeCallback: an upgrade that nobody has to accept (h2c) is an ordinary request.
    const response = new ServerResponse(request);
    response.shouldKeepAlive = false;
    response.assignSocket(socket);
    response.once("finish", () => socket.end());
    return forwarder.web(request, response, route);
  };
  const port = await listen(server, wanted, address);
  return { port, close: (graceMs) => close(server, upgraded, graceMs) };
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
