import { existsSync, mkdirSync } from "node:fs";
import { systemClock, type Clock } from "../../../model/clock.ts";
import { failure, isFairwayError } from "../../../model/errors.ts";
import type { Release } from "../../../model/plan.ts";
import type {
  BesideOperation,
  Observation,
  OperationContext,
  OperationResult,
  PreparedEnvironment,
  ReplicaOperation,
  Target,
  TargetOperation,
  Traffic,
} from "../../../model/target.ts";
import type { Credentials } from "../../../oci/oci.ts";
import {
  endedWithin,
  ensureDaemon,
  findDaemon,
  isAlive,
  type Daemon,
} from "../../../host/processes/processes.ts";
import type { LayerStore } from "../../../host/layers/layers.ts";
import type { Sandbox } from "../../../host/sandbox/sandbox.ts";
import type { BackupResult, Backups } from "../../../model/backup.ts";
import { storedBackups } from "./backups.ts";
import { ask, read } from "./client.ts";
import { passHeader } from "../../../host/proxy/proxy.ts";
import { pathsOf, type EnvironmentPaths } from "./paths.ts";
import { limitations } from "./limits.ts";
import { readLogs } from "./logs.ts";
import { observeWithoutSupervisor } from "./offline.ts";
import {
  protocolVersion,
  type Announcement,
  type ApplyRequest,
  type BackupTask,
  type MaintenanceTask,
  type ObserveRequest,
  type PulledImage,
  type RestoreTask,
  type Snapshot,
} from "./protocol.ts";
import { pullImage } from "./pull.ts";
import { readState } from "./state.ts";
import { scrubOf } from "../../../model/scrub.ts";
import { smokeTest } from "../smoke.ts";

export interface LocalTargetOptions {
  readonly environment: string;
  /** Of this environment alone: `<repository>/.fairway/environments/<environment>`. */
  readonly stateDirectory: string;
  readonly sandbox: Sandbox;
  readonly store: LayerStore;
  readonly clock?: Clock;
  /** What opens the registry of an image; the loopback registry needs nothing. */
  readonly credentials?: (image: string) => Promise<Credentials | undefined>;
  /** For tests: a module that calls `runSupervisor` with a runner of its own, and what gets images for it. */
  readonly replacement?: {
    readonly supervisorEntry: URL;
    readonly pull: (image: string) => Promise<PulledImage>;
  };
}

/**
 * This machine as a place to run releases: replicas are processes behind one load balancer a service. They belong
 * to a supervisor that outlives the command that started it; this is the side that asks it.
 */
export function localTarget(options: LocalTargetOptions): Promise<Target> {
  const paths = pathsOf(options.stateDirectory);
  const clock = options.clock ?? systemClock;
  const supervisor = () => ensureSupervisor(options);
  const target: Target = {
    kind: "local",
    environment: options.environment,
    rollout: "by replica",
    capabilities: ["beside", "weights"],
    observe: async (secrets) =>
      (await snapshot(paths, secrets))?.observation ?? observeWithoutSupervisor(paths, options.environment),
    traffic: async () => {
      const daemon = await findDaemon(paths.supervisor);
      return daemon === undefined ? [] : (JSON.parse(await read(socketOf(daemon), "/traffic")) as Traffic[]);
    },
    urls: async () => (await snapshot(paths))?.urls ?? {},
    prepare: async (context, needs) =>
      ask<PreparedEnvironment>(
        await supervisor(),
        "/prepare",
        { fencingToken: context.fencingToken, needs },
        context.report,
      ),
    apply: async (operation, release, context) => {
      if (operation.kind === "set-images" || operation.kind === "await-healthy") {
        throw new Error(`a local environment is rolled out by replica, not by ${operation.kind}`);
      }
      const image = starts(operation)
        ? await pull(options, imageOf(release, operation.service), context)
        : null;
      const socket = await supervisor();
      const { fencingToken, operationId, secrets } = context;
      const request: ApplyRequest = { fencingToken, operationId, operation, release, image, secrets };
      return abortable(socket, context, () =>
        ask<OperationResult>(socket, "/apply", request, context.report),
      );
    },
    limitations,
    smoke: async (checks, { signal, report, secrets }, side, tries) => {
      const scrub = scrubOf(Object.values(secrets));
      const remedy = (service: string) =>
        `npx fairway logs --env ${options.environment} --service ${service}`;
      const { observation, urls: publicUrls = {}, pass = null } = (await snapshot(paths)) ?? {};
      const urls = side === undefined ? publicUrls : idleUrls(observation);
      const headers = pass === null ? {} : { [passHeader]: pass };
      return smokeTest(checks, { urls, headers, clock, signal, scrub, report, remedy, tries });
    },
    maintain: async (on, context) => {
      const { fencingToken, operationId, report } = context;
      const socket = await supervisor();
      const task: MaintenanceTask = { fencingToken, operationId, on };
      return abortable(socket, context, () => ask<OperationResult>(socket, "/maintenance", task, report));
    },
    stop: async ({ fencingToken, report }, { removeData }) => {
      // Nothing has ever run here.
      if (!existsSync(paths.state)) return;
      const socket = await supervisor();
      const running = await findDaemon(paths.supervisor);
      await ask(socket, "/stop", { fencingToken, removeData }, report);
      if (running !== undefined) await endedWithin(running, 10_000);
    },
    backups: localBackups({ paths, environment: options.environment }, async (path, task, context) => {
      const socket = await supervisor();
      return abortable(socket, context, () => ask<BackupResult>(socket, path, task, context.report));
    }),
    logs: async function* (logOptions) {
      yield* readLogs(paths.logs, logOptions, (await snapshot(paths))?.logs);
    },
  };
  return Promise.resolve(target);
}

/** Made and restored by the supervisor, which has the server; what there is can be read without it. */
function localBackups(
  { paths, environment }: { readonly paths: EnvironmentPaths; readonly environment: string },
  supervisor: (
    path: "/backup" | "/restore",
    task: BackupTask | RestoreTask,
    context: OperationContext,
  ) => Promise<BackupResult>,
): Backups {
  const fenced = ({ fencingToken, operationId }: OperationContext) => ({ fencingToken, operationId });
  return {
    make: ({ id, keep }, context) => supervisor("/backup", { id, keep, ...fenced(context) }, context),
    restore: ({ backup, reference, deployment }, context) =>
      supervisor("/restore", { backup, reference, deployment, ...fenced(context) }, context),
    restoreState: async ({ deployment }) =>
      (await readState(paths.state, environment)).restoredBy === deployment ? "done" : "not done",
    list: async () => (await storedBackups(paths.backups)).map(({ id }) => id),
  };
}

async function ensureSupervisor(options: LocalTargetOptions): Promise<string> {
  mkdirSync(options.stateDirectory, { recursive: true });
  const paths = pathsOf(options.stateDirectory);
  const daemon = await ensureDaemon({
    entry:
      options.replacement?.supervisorEntry ??
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

/** What the supervisor says; undefined when none runs. */
async function snapshot(
  paths: EnvironmentPaths,
  secrets?: Readonly<Record<string, string>>,
): Promise<Snapshot | undefined> {
  const daemon = await findDaemon(paths.supervisor);
  if (daemon === undefined) return undefined;
  try {
    const socket = socketOf(daemon);
    if (secrets === undefined) return JSON.parse(await read(socket, "/snapshot")) as Snapshot;
    return await ask<Snapshot>(socket, "/observe", { secrets } satisfies ObserveRequest, () => undefined);
  } catch (error) {
    // It has just ended.
    if (!isFairwayError(error) || error.code !== "SUPERVISOR_GONE" || isAlive(daemon)) throw error;
    return undefined;
  }
}

/** What the environment's proxies count, in Prometheus' text format; undefined when it does not run. */
export async function localMetrics(stateDirectory: string): Promise<string | undefined> {
  const daemon = await findDaemon(pathsOf(stateDirectory).supervisor);
  return daemon === undefined ? undefined : read(socketOf(daemon), "/metrics");
}

function starts(
  operation: ReplicaOperation | BesideOperation,
): operation is Extract<TargetOperation, { kind: "replace-replica" | "start-beside" | "take-over" }> {
  return ["replace-replica", "start-beside", "take-over"].includes(operation.kind);
}

function idleUrls(observation: Observation | undefined): Record<string, string> {
  return Object.fromEntries(
    (observation?.services ?? []).flatMap(({ name, idleUrl }) =>
      idleUrl === undefined ? [] : [[name, idleUrl]],
    ),
  );
}

function imageOf(release: Release, name: string): string {
  const service = release.services.find((candidate) => candidate.name === name);
  if (service !== undefined) return service.image;
  throw failure(`release ${release.version} has no service ${name}`, { code: "SERVICE_UNKNOWN" });
}

async function pull(
  options: LocalTargetOptions,
  image: string,
  { report }: OperationContext,
): Promise<PulledImage> {
  if (options.replacement !== undefined) return options.replacement.pull(image);
  const credentials = await options.credentials?.(image);
  return pullImage(image, { store: options.store, credentials, report });
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
