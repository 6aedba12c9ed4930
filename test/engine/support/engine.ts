import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Client } from "@dagger.io/dagger";
import { connect } from "@dagger.io/dagger";
import {
  sandboxExecutor,
  startEngine,
  type EngineEvent,
  type EngineSession,
} from "../../../src/engine/engine.ts";
import { openLayerStore } from "../../../src/host/layers/layers.ts";
import { createSandbox } from "../../../src/host/sandbox/sandbox.ts";

export const image = "debian:bookworm-slim";
export const nodeImage = "node:24-slim";

export interface TestEngine extends AsyncDisposable {
  readonly session: EngineSession;
  readonly events: EngineEvent[];
  readonly workdir: string;
  readonly cache: string;
  /** Runs `work` with the unmodified client, connected to this engine. */
  with<T>(work: (dag: Client) => Promise<T>): Promise<T>;
  /** The same client, connected until the engine is disposed of. */
  client(): Promise<Client>;
  /** The first event of this type whose text holds `text`. */
  notes(): string[];
}

/** An engine with an empty cache (or with that of another one). */
export async function testEngine(
  options: { cache?: string; variables?: Record<string, string>; images?: "pull" | "host" | "auto" } = {},
): Promise<TestEngine> {
  const folder = await mkdtemp(join(tmpdir(), "fairway-engine-"));
  const cache = options.cache ?? join(folder, "cache");
  const store = await openLayerStore(cache);
  const events: EngineEvent[] = [];
  const session = await startEngine({
    ...{
      executor: sandboxExecutor(
        { store, sandbox: createSandbox({ store }) },
        options.images === undefined ? {} : { images: options.images },
      ),
      workdir: folder,
      variables: options.variables ?? {},
    },
    onEvent: (event) => events.push(event),
  });
  const disposed = Promise.withResolvers<undefined>();
  const connections: Promise<void>[] = [];
  return {
    ...{ session, events, workdir: folder, cache },
    notes: () => events.flatMap((event) => (event.type === "note" ? [event.text] : [])),
    with: (work) => withClient(session, work),
    client: () =>
      new Promise((resolve, reject) => {
        const connection = withClient(session, async (dag) => {
          resolve(dag);
          await disposed.promise;
        });
        connection.catch(reject);
        connections.push(connection);
      }),
    [Symbol.asyncDispose]: async () => {
      disposed.resolve(undefined);
      await Promise.all(connections);
      await session.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

async function withClient<T>(session: EngineSession, work: (dag: Client) => Promise<T>): Promise<T> {
  process.env.DAGGER_SESSION_PORT = String(session.port);
  process.env.DAGGER_SESSION_TOKEN = session.token;
  let answer: T | undefined;
  await connect(async (dag) => {
    answer = await work(dag);
  });
  return answer as T;
}

/** What `promise` was refused with. */
export async function refusalOf(promise: Promise<unknown>): Promise<Error & Record<string, unknown>> {
  try {
    await promise;
  } catch (error) {
    return error as Error & Record<string, unknown>;
  }
  throw new Error("nothing was refused");
}
