import { once } from "node:events";
import { Agent, request, type IncomingMessage } from "node:http";

export interface LoadResult {
  readonly sent: number;
  /** What went wrong, a line each: resets, time-outs, statuses that are not 200, bodies of another length. */
  readonly failures: readonly string[];
  /** The versions that answered, with how often. */
  readonly versions: Readonly<Record<string, number>>;
}

interface Shape {
  readonly name: string;
  readonly method: "GET" | "POST";
  readonly path: string;
  readonly kept: boolean;
}

/** In turn: kept and new connections, POSTs with bodies on both, and every twentieth takes two seconds. */
function shapeOf(count: number): Shape {
  if (count % 20 === 0) return { name: "slow", method: "GET", path: "/slow?ms=2000", kept: count % 40 === 0 };
  const method = count % 4 === 1 ? "POST" : "GET";
  return { name: method, method, path: "/", kept: count % 2 === 0 || count % 8 === 1 };
}

const timeoutMs = 15_000;

/** Sends requests at a steady rate, without any retry, until `stop`. */
export function startLoad(url: string, requestsPerSecond: number): { stop(): Promise<LoadResult> } {
  const agent = new Agent({ keepAlive: true, maxSockets: 100 });
  const failures: string[] = [];
  const versions: Record<string, number> = {};
  const pending = new Set<Promise<void>>();
  const startedAt = performance.now();
  let sent = 0;

  const send = async (count: number) => {
    const shape = shapeOf(count);
    const body = shape.method === "POST" ? "x".repeat(1 + (count % 7) * 5_000) : "";
    try {
      const answer = await ask(url, shape, body, agent);
      if (answer.bytes !== body.length)
        throw new Error(`the service got ${String(answer.bytes)} of ${String(body.length)} bytes`);
      versions[answer.version] = (versions[answer.version] ?? 0) + 1;
    } catch (error) {
      const kept = shape.kept ? "kept" : "new";
      failures.push(
        `request ${String(count)} (${shape.name}, ${kept} connection): ${(error as Error).message}`,
      );
    }
  };

  const timer = setInterval(() => {
    const due = ((performance.now() - startedAt) / 1000) * requestsPerSecond;
    while (sent < due) {
      const work = send(sent++).finally(() => pending.delete(work));
      pending.add(work);
    }
  }, 5);

  return {
    stop: async () => {
      clearInterval(timer);
      await Promise.all(pending);
      agent.destroy();
      return { sent, failures, versions };
    },
  };
}

async function ask(
  url: string,
  shape: Shape,
  body: string,
  agent: Agent,
): Promise<{ version: string; bytes: number }> {
  const call = request(new URL(shape.path, url), {
    method: shape.method,
    agent: shape.kept ? agent : false,
    timeout: timeoutMs,
  });
  call.on("timeout", () => call.destroy(new Error("timed out")));
  call.end(body);
  const [response] = (await once(call, "response")) as [IncomingMessage];
  let text = "";
  for await (const chunk of response) text += String(chunk);
  if (response.statusCode !== 200) throw new Error(`answered ${String(response.statusCode)}: ${text.trim()}`);
  return JSON.parse(text) as { version: string; bytes: number };
}
