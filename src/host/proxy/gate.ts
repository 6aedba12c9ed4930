import { timingSafeEqual } from "node:crypto";
import type { IncomingMessage, ServerResponse } from "node:http";
import type { Socket } from "node:net";

/** Who is let in while visitors are kept out. */
export interface Entry {
  /** Whoever sends it in `passHeader`. */
  readonly pass: string;
  /** Whoever holds the other end of this connection is of the house: a replica that asks another service. */
  readonly isOwn: (connection: { readonly port: number; readonly remotePort: number }) => boolean;
}

export const passHeader = "fairway-maintenance-pass";

export interface Gate {
  keepOut(entry: Entry | null): void;
  /** Takes the pass from the request: it is not for the replica. */
  admits(request: IncomingMessage): boolean;
  refuse(response: ServerResponse): void;
  refuseUpgrade(socket: Socket): void;
}

/** Seconds: as long as nobody knows how long it takes. */
const retryAfterSeconds = 30;

export function createGate(): Gate {
  let entry: Entry | null = null;
  /** Found out once for each connection: it costs a look at all processes. */
  let known = new WeakMap<Socket, boolean>();
  const isOwn = (socket: Socket, { isOwn: look }: Entry): boolean => {
    const before = known.get(socket);
    if (before !== undefined) return before;
    const { localPort: port, remotePort } = socket;
    const own = port !== undefined && remotePort !== undefined && look({ port, remotePort });
    known.set(socket, own);
    return own;
  };
  return {
    keepOut: (next) => {
      entry = next;
      known = new WeakMap();
    },
    admits: (request) => {
      const given = request.headers[passHeader];
      Reflect.deleteProperty(request.headers, passHeader);
      if (entry === null) return true;
      return (typeof given === "string" && same(given, entry.pass)) || isOwn(request.socket, entry);
    },
    refuse: (response) => {
      response.writeHead(503, headers).end(page);
    },
    refuseUpgrade: (socket) => {
      const lines = Object.entries({ ...headers, connection: "close" }).map(
        ([name, value]) => `${name}: ${value}`,
      );
      socket.end(`HTTP/1.1 503 Service Unavailable\r\n${lines.join("\r\n")}\r\n\r\n${page}`);
    },
  };
}

function same(given: string, pass: string): boolean {
  const [one, other] = [Buffer.from(given), Buffer.from(pass)];
  return one.length === other.length && timingSafeEqual(one, other);
}

const page = `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Maintenance</title>
<body style="font: 1.1rem/1.5 system-ui, sans-serif; max-width: 32rem; margin: 20vh auto; padding: 0 1rem">
<h1>Back in a moment</h1>
<p>We are working on this. Please try again soon.</p>
`;

const headers = {
  "content-type": "text/html; charset=utf-8",
  "cache-control": "no-store",
  "retry-after": String(retryAfterSeconds),
};
