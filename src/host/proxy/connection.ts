import { Agent, type IncomingMessage } from "node:http";
import { connect as connectSocket, type Socket } from "node:net";
import type { Upstream } from "./rotation.ts";

/** Nothing was sent: whatever the request is, another replica may get it. */
export class NotConnected extends Error {
  override readonly name = "NotConnected";
}

/** A new connection to the replica. @throws NotConnected */
export function connect(upstream: Upstream, timeoutMs: number): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connectSocket({ host: upstream.address, port: upstream.port, noDelay: true });
    const fail = (reason: string) => {
      socket.destroy();
      reject(new NotConnected(reason));
    };
    const timer = setTimeout(fail, timeoutMs, "the connection was not accepted in time");
    // Stays on the socket: between here and its use an error has to find a listener.
    socket.on("error", (error) => {
      clearTimeout(timer);
      fail(error.message);
    });
    socket.once("connect", () => {
      clearTimeout(timer);
      resolve(socket);
    });
  });
}

/** An agent whose one connection is open already, so that sending cannot fail for want of one. */
export function agentOf(socket: Socket): Agent {
  const agent = new Agent({ keepAlive: false });
  agent.createConnection = () => socket;
  return agent;
}

/** Idempotent (RFC 9110 section 9.2.2) and without a body that would be gone after the first try. */
export function isRepeatable(request: IncomingMessage): boolean {
  const hasBody =
    request.headers["transfer-encoding"] !== undefined || Number(request.headers["content-length"] ?? 0) > 0;
  return !hasBody && ["GET", "HEAD", "OPTIONS", "PUT", "DELETE", "TRACE"].includes(request.method ?? "");
}
