import type { DependencyAnswer, DependencyQuestion } from "../../model/dependency.ts";
import { cutOff } from "./cut-off.ts";
import { reasonOf } from "./words.ts";

/** Whether a Redis server lets us in and answers a PING. */
export async function askRedis(
  url: string,
  { timeoutMs, signal }: Pick<DependencyQuestion, "timeoutMs" | "signal">,
): Promise<DependencyAnswer> {
  if (!/^rediss?:$/.test(URL.parse(url)?.protocol ?? ""))
    return { verdict: "fail", says: "its URL does not begin with redis:// or rediss://", lasting: true };
  const { createClient } = await import("@redis/client");
  const client = createClient({
    url,
    // Servers before 6.0 know no other.
    RESP: 2,
    disableClientInfo: true,
    socket: { connectTimeout: timeoutMs, reconnectStrategy: false },
  });
  // It is told by what is awaited below; without a listener it would end the process.
  client.on("error", () => undefined);
  const destroy = () => {
    if (client.isOpen) client.destroy();
  };
  // A server that accepts and never answers has no time-out of the client's.
  const limit = AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)]);
  const cut = new Promise<never>((_, reject) => {
    cutOff(limit, () => {
      reject(new Error(`no answer within ${String(timeoutMs)} ms`));
      destroy();
    });
  });
  try {
    const answer = await Promise.race([client.connect().then(() => client.ping()), cut]);
    return answer === "PONG"
      ? { verdict: "pass", says: "answered" }
      : { verdict: "fail", says: `answered a PING with ${JSON.stringify(answer).slice(0, 100)}` };
  } catch (error) {
    return { verdict: "fail", says: `cannot be used: ${reasonOf(error)}` };
  } finally {
    cut.catch(() => undefined);
    destroy();
  }
}
