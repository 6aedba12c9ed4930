import type { IncomingMessage, ServerResponse } from "node:http";
import type { Socket } from "node:net";
import type { House } from "./house.ts";
import { createVisits, type Carried, type Farewell, type Parted } from "./visits.ts";

/** Keeps visitors out, and knows who is inside. */
export interface Gate {
  pass(request: IncomingMessage, entrant: Entrant): void;
  /** Answers when none of the visitors is inside any more. */
  keepOut(farewell: Farewell): Promise<Parted>;
  letIn(): void;
}

interface Entrant {
  readonly serve: () => Promise<void>;
  readonly refuse: () => void;
  readonly carried?: Carried;
}

export function createGate(house: House | undefined): Gate {
  const isVisitor = async (request: IncomingMessage) =>
    house === undefined || (await house.originOf(request)) === "visitors";
  const visits = createVisits(isVisitor);
  let isOpen = true;
  return {
    pass: (request, { serve, refuse: turnAway, carried }) => {
      house?.receive(request);
      const enter = () => {
        visits.begin(request, serve(), carried);
      };
      // At once while it is open: whoever closes it knows all who went in before.
      if (isOpen) return void enter();
      void isVisitor(request).then((visitor) => {
        if (visitor) turnAway();
        else enter();
      });
    },
    keepOut: (farewell) => {
      isOpen = false;
      return visits.end(farewell);
    },
    letIn: () => {
      isOpen = true;
    },
  };
}

/** Seconds: as long as nobody knows how long it takes. */
const retryAfterSeconds = 30;

/** What a visitor is answered who is kept out. */
export function refuse(response: ServerResponse): void {
  response.writeHead(503, headers).end(page);
}

export function refuseUpgrade(socket: Socket): void {
  const lines = Object.entries({ ...headers, connection: "close" }).map(
    ([name, value]) => `${name}: ${value}`,
  );
  socket.end(`HTTP/1.1 503 Service Unavailable\r\n${lines.join("\r\n")}\r\n\r\n${page}`);
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
