import { connect, type Socket } from "node:net";
import type { HttpClient } from "isomorphic-git";
import { EngineError } from "../errors.ts";
import { dialFault, lookupWith } from "../http/dial.ts";
import { collected, withHead } from "./advertisement.ts";
import type { Reach } from "./http-client.ts";

const defaultPort = 9418;
const longestSilenceMs = 120_000;

/**
 * A git daemon (git://) asked as if it spoke HTTP: both carry the same packets, over HTTP with the list of refs in an answer of
 * its own. See gitprotocol-pack(5) and gitprotocol-http(5).
 */
export function daemonClient(url: string, reach: Reach): HttpClient {
  return {
    request: async ({ url: asked, method = "GET", body }) => {
      const conversation = await open(url, reach);
      const list = await conversation.untilFlush();
      const answer = { url: asked, method, statusCode: 200, statusMessage: "OK" };
      if (asked.includes("/info/refs?")) {
        conversation.close();
        const head = Buffer.from("001e# service=git-upload-pack\n0000");
        return {
          ...answer,
          headers: { "content-type": "application/x-git-upload-pack-advertisement" },
          body: withHead(Buffer.concat([head, list])),
        };
      }
      conversation.write(body === undefined ? Buffer.alloc(0) : await collected(body));
      return { ...answer, headers: {}, body: conversation.rest() };
    },
  };
}

interface Conversation {
  /** The packets up to the first that says that a list ends. */
  untilFlush(): Promise<Buffer>;
  write(bytes: Buffer): void;
  rest(): AsyncIterableIterator<Uint8Array>;
  close(): void;
}

async function open(url: string, { hosts, signal }: Reach): Promise<Conversation> {
  const { hostname, host, port, pathname } = new URL(url);
  const socket = await dialled(url, hostname, port === "" ? defaultPort : Number(port), hosts, signal);
  const request = `git-upload-pack ${decodeURIComponent(pathname)}\0host=${host}\0`;
  socket.write(`${(request.length + 4).toString(16).padStart(4, "0")}${request}`);
  const chunks = socket[Symbol.asyncIterator]() as AsyncIterator<Buffer>;
  let waiting = Buffer.alloc(0);
  /** False at the end. */
  const more = async (): Promise<boolean> => {
    const next = await chunks.next().catch((error: unknown) => {
      throw signal.aborted
        ? new EngineError("the session was closed")
        : dialFault(`git error: ${url}`, error);
    });
    if (next.done !== true) waiting = Buffer.concat([waiting, next.value]);
    return next.done !== true;
  };
  return {
    untilFlush: async () => {
      for (let at = 0; ;) {
        while (waiting.length < at + 4)
          if (!(await more())) throw new EngineError(`git error: ${url}: the server hung up`);
        const length = Number.parseInt(waiting.toString("latin1", at, at + 4), 16);
        if (Number.isNaN(length))
          throw new EngineError(`git error: ${url}: what answers there is no git daemon`);
        while (waiting.length < at + length)
          if (!(await more())) throw new EngineError(`git error: ${url}: the server hung up`);
        const packet = waiting.toString("utf8", at + 4, at + length);
        if (packet.startsWith("ERR ")) throw new EngineError(`git error: ${url}: ${packet.slice(4).trim()}`);
        at += Math.max(length, 4);
        if (length !== 0) continue;
        const list = waiting.subarray(0, at);
        waiting = waiting.subarray(at);
        return list;
      }
    },
    write: (bytes) => socket.write(bytes),
    rest: async function* () {
      try {
        do {
          const chunk = waiting;
          waiting = Buffer.alloc(0);
          if (chunk.length > 0) yield chunk;
        } while (await more());
      } finally {
        socket.destroy();
      }
    },
    close: () => {
      // The polite end: a flush instead of wants.
      socket.end("0000");
      socket.destroySoon();
    },
  };
}

function dialled(
  url: string,
  host: string,
  port: number,
  hosts: Readonly<Record<string, string>>,
  signal: AbortSignal,
): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connect({ host, port, lookup: lookupWith(hosts) });
    const abort = () => socket.destroy(new Error("the session was closed"));
    signal.addEventListener("abort", abort, { once: true });
    socket.once("close", () => {
      signal.removeEventListener("abort", abort);
    });
    socket.setTimeout(longestSilenceMs, () =>
      socket.destroy(new Error(`nothing was said for ${String(longestSilenceMs / 1000)} seconds`)),
    );
    const refused = (error: unknown) => {
      reject(dialFault(`git error: ${url}`, error));
    };
    socket.once("error", refused);
    socket.once("connect", () => {
      socket.off("error", refused);
      // Told by what reads.
      socket.on("error", () => undefined);
      resolve(socket);
    });
  });
}
