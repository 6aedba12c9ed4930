import type { Client } from "@dagger.io/dagger";
import type { EngineSession } from "../../engine/engine.ts";

const port = "DAGGER_SESSION_PORT";
const token = "DAGGER_SESSION_TOKEN";

/** The SDK has one `dag` a process: who wants it for another engine waits. */
let free: Promise<unknown> = Promise.resolve();

/** Runs `work` while `dag` of the SDK is connected to the session. */
export function connectedTo<T>(session: EngineSession, work: (dag: Client) => Promise<T>): Promise<T> {
  const turn = free.then(() => connect(session, work));
  free = turn.catch(() => undefined);
  return turn;
}

async function connect<T>(session: EngineSession, work: (dag: Client) => Promise<T>): Promise<T> {
  const { connection, dag } = await import("@dagger.io/dagger");
  const before = { [port]: process.env[port], [token]: process.env[token] };
  process.env[port] = String(session.port);
  process.env[token] = session.token;
  const ends: ({ readonly value: T } | { readonly error: unknown })[] = [];
  try {
    // Nothing is thrown through the SDK, which would wrap it.
    await connection(async () => {
      try {
        ends.push({ value: await work(dag) });
      } catch (error) {
        ends.push({ error });
      }
    });
  } finally {
    for (const [name, value] of Object.entries(before)) {
      if (value === undefined) Reflect.deleteProperty(process.env, name);
      else process.env[name] = value;
    }
  }
  const [end] = ends;
  if (end === undefined) throw new Error("the session ended before the pipeline did");
  if ("error" in end) throw end.error;
  return end.value;
}
