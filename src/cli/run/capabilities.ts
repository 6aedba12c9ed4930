import { join } from "node:path";
import { systemClock } from "../../model/clock.ts";
import { usageError } from "../../model/errors.ts";
import type { HostCapabilities } from "../../model/host.ts";
import type { Progress } from "../../model/progress.ts";
import { actorEmailIn, actorOf } from "./actor.ts";
import type { ChosenEngine } from "./engine.ts";
import { environmentDirectory } from "../places.ts";
import type { Project } from "./project.ts";
import type { HostRooms } from "./session.ts";
import { ensureState } from "./state.ts";

export interface CapabilityContext {
  readonly engine: ChosenEngine;
  readonly project: Project;
  readonly progress: Progress;
  readonly rooms: () => Promise<HostRooms>;
  readonly signal: AbortSignal;
  readonly variables: Readonly<Record<string, string | undefined>>;
  readonly ofSourceAlone: () => void;
}

/** What only this machine has, for the function that is called. Each room is imported when it is asked for. */
export function hostCapabilitiesOf(context: CapabilityContext): HostCapabilities {
  const { engine, project, progress, rooms, signal, variables } = context;
  const clock = systemClock;
  const registry = { stateDirectory: join(project.state, "registry") };
  return {
    engine: engine.kind,
    progress,
    clock,
    actor: actorOf(variables),
    actorEmail: () => actorEmailIn(project.repository, variables),
    command: "npx fairway",
    signal,
    ofSourceAlone: context.ofSourceAlone,
    localTarget: async (environment, credentials) => {
      if (engine.kind === "dagger") throw notHere(environment);
      const { localTarget } = await import("../../providers/targets/local/local.ts");
      await ensureState(project.state);
      const stateDirectory = environmentDirectory(project.state, environment);
      return localTarget({
        environment,
        stateDirectory,
        ...(await rooms()),
        clock,
        credentials: async () => (await credentials()) ?? undefined,
      });
    },
    sqliteLedger: async () => {
      const { openSqliteLedger } = await import("../../providers/ledgers/sqlite.ts");
      return openSqliteLedger(join(await ensureState(project.state), "ledger.db"), clock);
    },
    ledgerDirectory: async () => join(await ensureState(project.state), "ledger"),
    loopbackRegistry: async () => {
      const { ensureLoopbackRegistry } = await import("../../host/registry/registry.ts");
      await ensureState(project.state);
      return (await ensureLoopbackRegistry(registry)).address;
    },
    stopLoopbackRegistry: async () => {
      const { stopLoopbackRegistry } = await import("../../host/registry/registry.ts");
      await stopLoopbackRegistry(registry);
    },
  };
}

function notHere(environment: string): Error {
  return usageError(`the target of ${environment} is local, which a Dagger engine does not reach`, {
    code: "TARGET_UNREACHABLE",
    place: `environments.${environment}.target`,
    remedy: "run it with --engine embedded, or give the environment another target",
  });
}
