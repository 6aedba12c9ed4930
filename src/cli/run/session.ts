import { join } from "node:path";
import type { Writable } from "node:stream";
import type * as dagger from "@dagger.io/dagger";
import type { EngineEvent } from "../../engine/events.ts";
import { failure, usageError } from "../../model/errors.ts";
import type { LayerStore } from "../../host/layers/layers.ts";
import type { Sandbox } from "../../host/sandbox/sandbox.ts";
import type { ImagesChoice } from "../commands/invocation.ts";
import type { PipelineModule } from "../module/module.ts";
import { importLeanSdk } from "../module/lean-sdk.ts";
import { findSdk, sdkEntry } from "../module/sdk.ts";
import type { Places } from "../places.ts";
import type { ChosenEngine } from "./engine.ts";
import { requireLiveSession } from "./live-session.ts";

type DaggerSdk = typeof dagger;
export type Sdk = Pick<DaggerSdk, "connection" | "dag">;

/** What this machine lends to an embedded engine and to a local target. */
export interface HostRooms {
  readonly store: LayerStore;
  readonly sandbox: Sandbox;
}

/** Opened once, when somebody asks. */
export function hostRooms(places: Places): () => Promise<HostRooms> {
  let opened: Promise<HostRooms> | undefined;
  return () => (opened ??= open(join(places.cache, "store")));
}

async function open(root: string): Promise<HostRooms> {
  const [{ openLayerStore }, { createSandbox }] = await Promise.all([
    import("../../host/layers/layers.ts"),
    import("../../host/sandbox/sandbox.ts"),
  ]);
  const store = await openLayerStore(root);
  return { store, sandbox: createSandbox({ store }) };
}

/**
 * Starts the embedded engine where it is the one, and tells the SDK where the session is.
 *
 * @param workdir where relative paths of `host` start
 */
export async function openSession(
  engine: ChosenEngine,
  workdir: string,
  rooms: () => Promise<HostRooms>,
  images: ImagesChoice,
  onEvent: (event: EngineEvent) => void,
): Promise<{ close(): Promise<void> }> {
  if (engine.program !== undefined) process.env["_EXPERIMENTAL_DAGGER_CLI_BIN"] ??= engine.program;
  const variables = { ...process.env };
  if (engine.kind === "dagger") {
    if (images === "host")
      throw usageError("a Dagger engine pulls every image: this machine's programs cannot stand in there", {
        code: "IMAGES_NOT_HOST",
        place: "--images host",
        remedy: "leave --images away, or use: --engine embedded",
      });
    const port = variables["DAGGER_SESSION_PORT"] ?? "";
    if (port !== "") await requireLiveSession(port);
    return { close: () => Promise.resolve() };
  }
  const [{ sandboxExecutor, startEngine }, disk] = await Promise.all([
    import("../../engine/engine.ts"),
    rooms(),
  ]);
  const session = await startEngine({
    executor: sandboxExecutor(disk, { images }),
    ...{ workdir, variables, onEvent },
  });
  process.env["DAGGER_SESSION_PORT"] = String(session.port);
  process.env["DAGGER_SESSION_TOKEN"] = session.token;
  // Else the SDK would join the trace of somebody else's engine.
  delete process.env["TRACEPARENT"];
  let closing: Promise<void> | undefined;
  return { close: () => (closing ??= session.close()) };
}

/** The copy of the SDK that the module gets. */
export async function importSdk(module: PipelineModule): Promise<Sdk> {
  return (await importLeanSdk(sdkEntry(findSdk(module.root)), process.env)) as Sdk;
}

/** Runs `work` while the SDK's `dag` is connected. */
export async function connected<T>(sdk: Sdk, engineLog: Writable, work: () => Promise<T>): Promise<T> {
  const ends: ({ readonly value: T } | { readonly error: unknown })[] = [];
  // Nothing is thrown through the SDK: where it provisions an engine it wraps every error in one of its own.
  const run = async () => {
    try {
      ends.push({ value: await work() });
    } catch (error) {
      ends.push({ error });
    }
  };
  await sdk.connection(run, { LogOutput: engineLog }).catch((error: unknown) => {
    // A session that does not end in order takes nothing back of what the function did.
    if (ends.length === 0) throw isProvisioning(error) ? unreachableEngine(error) : error;
  });
  const [end] = ends;
  if (end === undefined) throw new Error("the session ended before the function answered");
  if ("error" in end) throw end.error;
  return end.value;
}

/** The SDK found no session, and could not make one: not the function's fault. */
function isProvisioning(error: unknown): error is Error {
  return (
    error instanceof Error &&
    error.message.startsWith("failed to execute function with automatic provisioning")
  );
}

function unreachableEngine(error: Error): Error {
  const reason = error.cause instanceof Error ? error.cause : error;
  return failure("no Dagger engine answers", {
    code: "ENGINE_UNREACHABLE",
    output: reason.message,
    remedy:
      "install dagger and a container runtime (https://docs.dagger.io/install), or use: --engine embedded",
    cause: error,
  });
}
