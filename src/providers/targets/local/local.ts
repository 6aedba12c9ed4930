import { mkdirSync } from "node:fs";
import { systemClock, type Clock } from "../../../model/clock.ts";
import { failure } from "../../../model/errors.ts";
import type {
  OperationContext,
  OperationResult,
  PreparedEnvironment,
  Target,
} from "../../../model/target.ts";
import { ensureDaemon, findDaemon, type Daemon } from "../../../host/processes/processes.ts";
import type { LayerStore } from "../../../host/layers/layers.ts";
import type { Sandbox } from "../../../host/sandbox/sandbox.ts";
import { ask, read } from "./client.ts";
import { pathsOf, type EnvironmentPaths } from "./paths.ts";
import { protocolVersion, type Announcement, type Snapshot } from "./protocol.ts";

export interface LocalTargetOptions {
  readonly environment: string;
  /** Of this environment alone: `<repository>/.fairway/environments/<environment>`. */
  readonly stateDirectory: string;
  readonly sandbox: Sandbox;
  readonly store: LayerStore;
  readonly clock?: Clock;
  /** Another supervisor, for tests: a module that calls `runSupervisor` with a runner of its own. */
  readonly supervisorEntry?: URL;
}

/**
 * This machine as a place to run releases: replicas are processes behind one load balancer a service. They belong
 * to a supervisor that outlives the command that started it; this is the side that asks it.
 */
export function localTarget(options: LocalTargetOptions): Promise<Target> {
  mkdirSync(options.stateDirectory, { recursive: true });
  const paths = pathsOf(options.stateDirectory);
  const clock = options.clock ?? systemClock;
  void clock;
  const supervisor = () => ensureSupervisor(options, paths);
  const target: Target = {
    kind: "local",
    environment: options.environment,
    observe: async () => (await snapshot(paths)).observation,
    urls: async () => (await snapshot(paths)).urls,
    prepare: async (context, needs) =>
      ask<PreparedEnvironment>(
        await supervisor(),
        "/prepare",
        { fencingToken: context.fencingToken, needs },
        context.report,
      ),
    apply: async (operation, release, context) => {
      const socket = await supervisor();
      const { fencingToken, operationId, secrets } = context;
      return abortable(socket, context, () =>
        ask<OperationResult>(
          socket,
          "/apply",
          { fencingToken, operationId, operation, release, secrets },
          context.report,
        ),
      );
    },
    smoke: () => Promise.reject(new Error("not built yet")),
    stop: async (context, { removeData }) => {
      await ask(
        await supervisor(),
        "/stop",
        { fencingToken: context.fencingToken, removeData },
        context.report,
      );
    },
    logs: () => {
      throw new Error("not built yet");
    },
  };
  return Promise.resolve(target);
}

async function ensureSupervisor(options: LocalTargetOptions, paths: EnvironmentPaths): Promise<string> {
  const daemon = await ensureDaemon({
    entry:
      options.supervisorEntry ??
      new URL(import.meta.url.endsWith(".ts") ? "main.ts" : "main.js", import.meta.url),
    arguments: [paths.root, options.environment, options.store.root],
    stateDirectory: paths.supervisor,
    logFile: paths.supervisorLog,
  });
  return socketOf(daemon);
}

function socketOf(daemon: Daemon): string {
  const { protocol, socket } = daemon.announcement as unknown as Announcement;
  if (protocol === protocolVersion) return socket;
  throw failure("this environment runs under another version of Fairway", {
    code: "SUPERVISOR_VERSION",
    remedy: "stop it with the version that started it (fairway down), then deploy again",
  });
}

async function snapshot(paths: EnvironmentPaths): Promise<Snapshot> {
  const daemon = await findDaemon(paths.supervisor);
  if (daemon === undefined) return { observation: { services: [], database: null }, urls: {} };
  return JSON.parse(await read(socketOf(daemon), "/snapshot")) as Snapshot;
}

/** Ctrl+C: the supervisor is told to undo what is not finished, and its answer is waited for. */
async function abortable<T>(socket: string, context: OperationContext, work: () => Promise<T>): Promise<T> {
  context.signal.throwIfAborted();
  const abort = () =>
    void ask(socket, "/abort", { operationId: context.operationId }, () => undefined).catch(() => undefined);
  context.signal.addEventListener("abort", abort, { once: true });
  try {
    return await work();
  } finally {
    context.signal.removeEventListener("abort", abort);
  }
}
