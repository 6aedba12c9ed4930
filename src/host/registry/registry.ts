import { rm } from "node:fs/promises";
import { join } from "node:path";
import { failure } from "../../model/errors.ts";
import { endedWithin, ensureDaemon, findDaemon, stopProcess } from "../processes/processes.ts";
import type { Daemon } from "../processes/processes.ts";
export { startRegistryServer } from "./server.ts";
export type { RegistryServer, RegistryServerOptions } from "./server.ts";

export interface LoopbackRegistryOptions {
  /** Holds everything of the registry: `<repository root>/.fairway/registry`. Made when missing. */
  readonly stateDirectory: string;
  /** Minutes without a request after which it ends by itself. @default 15 */
  readonly idleMinutes?: number;
}

export interface LoopbackRegistry {
  /** `127.0.0.1:<port>`; the port stays the same for a state directory while it is free. */
  readonly address: string;
  readonly processId: number;
}

/**
 * The registry of this state directory: the one that runs, or a new one, which outlives this process. Many may ask
 * at once, all get the same.
 * @throws FairwayError `DAEMON_NOT_STARTED` with the end of its log
 */
export async function ensureLoopbackRegistry(options: LoopbackRegistryOptions): Promise<LoopbackRegistry> {
  const { stateDirectory, idleMinutes = 15 } = options;
  for (let attempt = 0; attempt < 5; attempt++) {
    const daemon = await ensureDaemon({
      entry: new URL(
        import.meta.url.endsWith(".ts") ? "registry-daemon.ts" : "registry-daemon.js",
        import.meta.url,
      ),
      arguments: [String(idleMinutes)],
      stateDirectory,
      logFile: join(stateDirectory, "registry.log"),
    });
    const address = addressOf(daemon);
    // The request also starts its idle time anew. A registry that is just ending does not answer.
    if (await answers(address)) return { address, processId: daemon.pid };
    // One that was killed has no sockets a while before it is gone; a busy one may answer the next time.
    await endedWithin(daemon, 1_000);
  }
  throw failure("the loopback registry does not answer", {
    code: "LOOPBACK_REGISTRY",
    place: join(stateDirectory, "registry.log"),
    remedy: `read ${join(stateDirectory, "registry.log")}, and end the process that its daemon.json names`,
  });
}

/** Ends the registry of this state directory, when one runs; its images stay unless `removeData` is true. */
export async function stopLoopbackRegistry(options: {
  readonly stateDirectory: string;
  readonly removeData?: boolean;
}): Promise<void> {
  const daemon = await findDaemon(options.stateDirectory);
  if (daemon !== undefined) await stopProcess(daemon, { graceMs: 5_000 });
  if (options.removeData === true) await rm(options.stateDirectory, { recursive: true, force: true });
}

function addressOf(daemon: Daemon): string {
  return (daemon.announcement as { readonly address: string }).address;
}

async function answers(address: string): Promise<boolean> {
  try {
    const response = await fetch(`http://${address}/v2/`, { signal: AbortSignal.timeout(5_000) });
    await response.body?.cancel();
    return response.ok;
  } catch {
    return false;
  }
}
