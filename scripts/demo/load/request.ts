import { Agent, request as openRequest } from "node:http";

/** One kind of request that the load is made of. */
export interface RequestKind {
  readonly name: string;
  readonly method: "GET" | "POST";
  readonly url: string;
  /** With it, the request goes over a connection of its own, which ends with it. */
  readonly newConnection?: boolean;
  readonly contentType?: string;
  readonly body?: string;
  readonly expect: Expectation;
}

export interface Expectation {
  readonly status: number;
  /** Must stand in the body: an answer that was cut short is no answer. Its named groups are what is found. */
  readonly body: RegExp;
}

export interface Outcome {
  readonly kind: RequestKind;
  /** Null when it succeeded; else `reset`, `refused`, `timeout`, `truncated`, `body`, `status 503`, ... */
  readonly failure: string | null;
  readonly detail: string;
  /** Null when no response began. */
  readonly status: number | null;
  /** The release that answered, by the header `x-shop-version`. */
  readonly version: string | null;
  /** True when it went over a connection that an earlier request had opened. */
  readonly reusedConnection: boolean;
  readonly latencyMs: number;
  /** The named groups of what was expected; nothing where it failed. */
  readonly found: Readonly<Record<string, string>>;
}

/** Connections that are kept alive, used in turn, so that none stays idle until the server closes it. */
export function keptAlive(connections: number): Agent {
  return new Agent({ keepAlive: true, maxSockets: connections, scheduling: "fifo" });
}

/** Sends one request, once: nothing is ever retried. Resolves when all of it is over; never rejects. */
export function send(kind: RequestKind, agent: Agent, timeoutMs: number): Promise<Outcome> {
  const started = performance.now();
  return new Promise((resolve) => {
    let status: number | null = null;
    let version: string | null = null;
    const request = openRequest(kind.url, {
      method: kind.method,
      agent: kind.newConnection === true ? false : agent,
      headers: kind.body === undefined ? {} : bodyHeaders(kind.body, kind.contentType),
    });
    const end = (failure: string | null, detail = "", found: Outcome["found"] = {}) => {
      clearTimeout(timer);
      const latencyMs = performance.now() - started;
      const { reusedSocket: reusedConnection } = request;
      resolve({ kind, failure, detail, status, version, reusedConnection, latencyMs, found });
    };
    // One limit from the first byte sent to the last received, also for a response that trickles.
    const timer = setTimeout(() => {
      end("timeout", `no complete answer after ${timeoutMs} ms`);
      request.destroy();
    }, timeoutMs);

    request.on("error", (error: NodeJS.ErrnoException) => {
      end(failureOf(error), error.message);
    });
    request.on("response", (response) => {
      status = response.statusCode ?? null;
      version = String(response.headers["x-shop-version"] ?? "") || null;
      let text = "";
      response.setEncoding("utf8");
      response.on("data", (part: string) => (text += part));
      response.on("error", (error) => {
        end("truncated", error.message);
      });
      response.on("end", () => {
        const match = kind.expect.body.exec(text);
        if (status !== kind.expect.status) end(`status ${String(status)}`, text.slice(0, 200));
        else if (match === null) end("body", `not what was expected: ${text.slice(-200)}`);
        else end(null, "", match.groups);
      });
    });
    request.end(kind.body);
  });
}

function bodyHeaders(body: string, contentType = "application/json"): Record<string, string> {
  return { "content-type": contentType, "content-length": String(Buffer.byteLength(body)) };
}

function failureOf(error: NodeJS.ErrnoException): string {
  if (error.code === "ECONNREFUSED") return "refused";
  if (error.code === "ECONNRESET" || error.code === "EPIPE") return "reset";
  return error.code ?? "error";
}
