import { timingSafeEqual } from "node:crypto";
import type { IncomingMessage } from "node:http";
import type { Socket } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";

/** Who asks: people and what they use, a replica, or Fairway itself. */
export type Origin = "visitors" | "services" | "fairway";

/** The two ends of a connection, as whoever accepted it sees them. */
export interface Connection {
  readonly address: string;
  readonly port: number;
  readonly remoteAddress: string;
  readonly remotePort: number;
}

export interface HouseOptions {
  /** Whoever sends it in `passHeader` is Fairway itself: random, and told to nobody else. */
  readonly pass: string;
  /** For each connection, whether a replica holds the other end of it. May take milliseconds. */
  readonly areOwn: (connections: readonly Connection[]) => Promise<readonly boolean[]>;
}

/** Tells visitors from those of the house, by nothing that a visitor can send. */
export interface House {
  /** Takes the pass from the request: it is not for the replica. */
  receive(request: IncomingMessage): void;
  /** Of a request that was received; to be asked while its connection is open. */
  originOf(request: IncomingMessage): Promise<Origin>;
}

export const passHeader = "fairway-maintenance-pass";

/** Looking takes at most this share of the time. */
const lookingShare = 1 / 10;

export function createHouse({ pass, areOwn }: HouseOptions): House {
  const passed = new WeakSet<IncomingMessage>();
  /** Found out once for each connection. */
  const known = new WeakMap<Socket, Promise<boolean>>();
  let waiting: { readonly socket: Socket; readonly tell: (own: boolean) => void }[] = [];
  let looking = false;
  const look = async (): Promise<number> => {
    const looked = waiting;
    waiting = [];
    const startedAtMs = performance.now();
    const connections = looked.map(({ socket }) => connectionOf(socket));
    const own = await areOwn(connections.filter((connection) => connection !== undefined)).catch(() => []);
    const tookMs = performance.now() - startedAtMs;
    let place = 0;
    for (const [index, { tell }] of looked.entries()) {
      // Who cannot be told is a visitor.
      tell(connections[index] !== undefined && own[place++] === true);
    }
    return tookMs;
  };
  /** All that came during one look are looked at together in the next. */
  const lookOn = async () => {
    looking = true;
    while (waiting.length > 0) await sleep((await look()) * (1 / lookingShare - 1));
    looking = false;
  };
  const isOwn = (socket: Socket): Promise<boolean> => {
    const before = known.get(socket);
    if (before !== undefined) return before;
    const found = new Promise<boolean>((tell) => {
      waiting.push({ socket, tell });
      if (!looking) void lookOn();
    });
    known.set(socket, found);
    return found;
  };
  return {
    receive: (request) => {
      const given = request.headers[passHeader];
      Reflect.deleteProperty(request.headers, passHeader);
      if (typeof given === "string" && same(given, pass)) passed.add(request);
    },
    originOf: async (request) => {
      if (passed.has(request)) return "fairway";
      return (await isOwn(request.socket)) ? "services" : "visitors";
    },
  };
}

/** Undefined once it is closed: its ends may be those of another one by then. */
function connectionOf(socket: Socket): Connection | undefined {
  const { localAddress: address, localPort: port, remoteAddress, remotePort } = socket;
  if (socket.destroyed || address === undefined || port === undefined) return undefined;
  return remoteAddress === undefined || remotePort === undefined
    ? undefined
    : { address, port, remoteAddress, remotePort };
}

function same(given: string, pass: string): boolean {
  const [one, other] = [Buffer.from(given), Buffer.from(pass)];
  return one.length === other.length && timingSafeEqual(one, other);
}
