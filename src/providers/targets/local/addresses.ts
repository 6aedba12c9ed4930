import { freePortFrom } from "../../../host/processes/processes.ts";
import type { EnvironmentState } from "./state.ts";

type RememberedPorts = Pick<EnvironmentState, "ports" | "idlePorts" | "metricsPort">;

interface Address {
  /** For people, where it changes. */
  readonly what: string;
  /** Where it was before. */
  readonly port: number | undefined;
  readonly report: (line: string) => void;
}

/**
 * Listens where it did before, or else where nobody does and nothing of this environment ever did.
 * @throws what `open` throws for another reason than that the port is taken
 */
export async function listenAt<T>(
  { what, port: before, report }: Address,
  { ports, idlePorts = {}, metricsPort = 0 }: RememberedPorts,
  environmentId: string,
  open: (port: number) => Promise<T>,
): Promise<T> {
  const taken = new Set([...Object.values(ports), ...Object.values(idlePorts), metricsPort]);
  const newPort = () => freePortFrom(firstPublicPort(environmentId), { taken });
  const wanted = before ?? (await newPort());
  return open(wanted).catch(async (error: unknown) => {
    if ((error as NodeJS.ErrnoException).code !== "EADDRINUSE") throw error;
    const port = await newPort();
    report(
      `port ${String(wanted)} of ${what} is taken by another process: it is ${String(port)} from now on`,
    );
    return open(port);
  });
}

/** Projects and environments begin at different ports, so that one that starts does not take another's. */
function firstPublicPort(environmentId: string): number {
  return 4100 + (Number.parseInt(environmentId.slice(0, 8), 16) % 90) * 10;
}
