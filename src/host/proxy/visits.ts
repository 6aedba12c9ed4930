import type { IncomingMessage } from "node:http";
import type { CarriedWebSocket } from "./web-socket.ts";

export interface Farewell {
  /** For requests that are under way. */
  readonly graceMs: number;
  /** Ends the grace. */
  readonly signal?: AbortSignal | undefined;
}

/** What was under way of visitors, and did not end by itself. */
export interface Parted {
  readonly requestsCut: number;
  readonly webSocketsClosed: number;
}

/** What is under way between clients and replicas. */
export interface Visits {
  begin(request: IncomingMessage, served: Promise<void>, carried: Carried | undefined): void;
  /** Answers when none of the visitors' is under way any more. What begins meanwhile is not looked at. */
  end(farewell: Farewell): Promise<Parted>;
}

export type Carried = () => CarriedWebSocket | undefined;

interface Visit {
  readonly request: IncomingMessage;
  readonly carried: Carried | undefined;
  readonly ended: Promise<void>;
}

/** For the answer to a WebSocket's close, at most. */
const closeGraceMs = 2_000;

export function createVisits(isVisitor: (request: IncomingMessage) => Promise<boolean>): Visits {
  const all = new Set<Visit>();
  return {
    begin: (request, served, carried) => {
      const ended = served.catch(() => undefined).finally(() => all.delete(visit));
      const visit: Visit = { request, carried, ended };
      all.add(visit);
    },
    end: async (farewell) => {
      const visits = [...all];
      const theirs = await Promise.all(visits.map(({ request }) => isVisitor(request)));
      const parting = visits.filter((visit, index) => theirs[index] === true && all.has(visit));
      const parted = await Promise.all(parting.map((visit) => part(visit, farewell)));
      const count = (kind: Parting) => parted.filter((one) => one === kind).length;
      return { requestsCut: count("cut"), webSocketsClosed: count("closed") };
    },
  };
}

type Parting = "ended" | "cut" | "closed";

async function part({ request, carried, ended }: Visit, { graceMs, signal }: Farewell): Promise<Parting> {
  const webSocket = carried?.();
  webSocket?.close();
  // One that is no WebSocket yet would become one.
  const patienceMs =
    carried === undefined ? graceMs : webSocket === undefined ? 0 : Math.min(graceMs, closeGraceMs);
  const hasEnded = await endsWithin(ended, patienceMs, signal);
  if (!hasEnded) {
    request.socket.destroy();
    await ended;
  }
  if (carried !== undefined) return "closed";
  return hasEnded ? "ended" : "cut";
}

function endsWithin(
  ended: Promise<void>,
  milliseconds: number,
  signal: AbortSignal | undefined,
): Promise<boolean> {
  return new Promise((resolve) => {
    const finish = (hasEnded: boolean) => () => {
      clearTimeout(timer);
      signal?.removeEventListener("abort", giveUp);
      resolve(hasEnded);
    };
    const giveUp = finish(false);
    const timer = setTimeout(giveUp, milliseconds);
    signal?.addEventListener("abort", giveUp, { once: true });
    if (signal?.aborted) giveUp();
    void ended.then(finish(true));
  });
}
