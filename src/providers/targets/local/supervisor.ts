import { rmSync } from "node:fs";
import { dirname } from "node:path";
import {
  becomeDaemon,
  lostDaemons,
  markedProcesses,
  stopPids,
  whenLost,
} from "../../../host/processes/processes.ts";
import { serveControl } from "./control-server.ts";
import { markVariable } from "./definition.ts";
import { createEnvironment } from "./environment.ts";
import { pathsOf, type EnvironmentPaths } from "./paths.ts";
import { protocolVersion, type Announcement } from "./protocol.ts";
import type { ReplicaRunner } from "./runner.ts";
import { readState } from "./state.ts";

export interface SupervisorOptions {
  /** The environment's state directory. */
  readonly root: string;
  readonly environment: string;
  readonly runner: ReplicaRunner;
}

/** The process that has an environment's proxies, replicas and database, from the first deploy until `down`. */
export async function runSupervisor(options: SupervisorOptions): Promise<void> {
  const daemon = becomeDaemon();
  const paths = pathsOf(options.root);
  const say = (line: string) => {
    process.stdout.write(`${new Date().toISOString()} ${line}\n`);
  };
  await endLost(daemon.stateDirectory, say);
  await removeStrays(paths.id, say);
  const state = await readState(paths.state, options.environment);
  const environment = createEnvironment({
    paths,
    state: { ...state, replicas: [] },
    runner: options.runner,
    say,
    ownsState: () => daemon.isReachable(),
  });
  const end = async (code: number) => {
    if (daemon.isReachable()) removeSocket(paths);
    await daemon.end();
    process.exit(code);
  };
  await serveControl(environment, paths.socket, () => void end(0));
  for (const signal of ["SIGTERM", "SIGINT"] as const) {
    process.once(signal, () => {
      say(`${signal}: everything is stopped`);
      void environment.shutDown().finally(() => end(0));
    });
  }
  process.on("SIGHUP", () => undefined);
  // To end would take what serves down with it.
  for (const event of ["unhandledRejection", "uncaughtException"] as const) {
    process.on(event, (error: unknown) => {
      say(`a fault of Fairway: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`);
    });
  }
  const announcement: Announcement = { protocol: protocolVersion, socket: paths.socket };
  say(`supervisor of ${options.environment} is ready`);
  await daemon.ready({ ...announcement });
  const isReachable = () => daemon.isReachable();
  whenLost(isReachable, () => {
    say("its directory was removed, so no command reaches it any more: everything is stopped");
    void environment.shutDown().finally(() => end(0));
  });
}

/** That of a deep project has a directory of its own, below the temporary one. */
function removeSocket({ socket, supervisor }: EnvironmentPaths): void {
  rmSync(socket, { force: true });
  if (dirname(socket) !== supervisor) rmSync(dirname(socket), { recursive: true, force: true });
}

/** Its drains and its database included; less than a command waits for a supervisor to be ready. */
const lostGraceMs = 20_000;

/** Ends supervisors of this very directory that went on when it was removed: they hold its addresses. */
async function endLost(stateDirectory: string, say: (line: string) => void): Promise<void> {
  const lost = lostDaemons(stateDirectory);
  if (lost.length === 0) return;
  say(`this directory was removed while a supervisor ran: ending it (${lost.join(", ")})`);
  await stopPids(lost, { graceMs: lostGraceMs });
}

/**
 * Ends the replicas that a supervisor left when it was killed: the secrets that they would be started again with,
 * and the other ends of their pipes, went with it.
 */
async function removeStrays(environmentId: string, say: (line: string) => void): Promise<void> {
  const strays = markedProcesses(markVariable, (value) => value.startsWith(`${environmentId}/`));
  if (strays.length === 0) return;
  say(`a supervisor was here before and did not stop: ending processes ${strays.join(", ")}`);
  await stopPids(strays, { graceMs: 3_000 });
}
