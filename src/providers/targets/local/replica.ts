import { setTimeout as sleep } from "node:timers/promises";
import type { ServiceRelease } from "../../../model/plan.ts";
import type { ObservedReplica } from "../../../model/target.ts";
import { identityOf, listeningPorts, type ProcessIdentity } from "../../../host/processes/processes.ts";
import type { ReplicaLog } from "./log-files.ts";
import { startWithin } from "./limits.ts";
import { probe, type ProbeAnswer } from "./probe.ts";
import type { ReplicaImage, ReplicaProcess } from "./runner.ts";
import type { Scrub } from "../../../model/scrub.ts";

/** What a replica is made of; complete, so that it can be started again without asking anybody. */
export interface ReplicaDefinition {
  readonly id: string;
  readonly index: number;
  readonly version: string;
  readonly service: ServiceRelease;
  readonly image: ReplicaImage;
  /** Without PORT; secrets included. */
  readonly variables: Readonly<Record<string, string>>;
  /** Those of the variables that hold the secrets which the service lists. */
  readonly secrets: Readonly<Record<string, string>>;
  /** Equal for replicas that are made of the same. */
  readonly fingerprint: string;
  /** Removes its secrets from what it prints and answers to probes. */
  readonly scrub: Scrub;
}

/** One replica: a process that is probed, and started again when it ends or hangs. */
export interface Replica {
  readonly definition: ReplicaDefinition;
  readonly log: ReplicaLog;
  state(): ObservedReplica["state"];
  port(): number;
  identity(): ProcessIdentity | undefined;
  startedAt(): Date;
  /** Why and when it was killed last for what it took of the machine; undefined when it never was. */
  lastKilled(): string | undefined;
  /** Resolves when it is ready for the first time. A replica that is not kept yet is not started again. */
  firstReady(signal: AbortSignal): Promise<FirstReady>;
  /** From now on an exit or a hang is answered by a restart. */
  keep(): void;
  /** Probes end; the process goes on with what it has. */
  drain(): void;
  stop(graceMs: number): Promise<void>;
}

export type FirstReady =
  | { readonly kind: "ready" }
  | { readonly kind: "exited"; readonly exitCode: number; readonly killed?: string }
  | {
      readonly kind: "timeout";
      readonly lastAnswer: ProbeAnswer;
      readonly path: string;
      /** The TCP ports that its process listened on, where that can be seen. */
      readonly listensOn: readonly number[];
    }
  | { readonly kind: "aborted" };

export interface ReplicaHost {
  freePort(): Promise<number>;
  /** Something that observers see has changed. */
  changed(): void;
  /** For the supervisor's own log. */
  say(line: string): void;
}

const startingProbeMs = { first: 25, last: 400 };
const steadyProbeMs = 1_000;
const probeTimeoutMs = 2_000;
/** Failures in a row until a ready replica counts as unready, a live one as hanging. */
const failureThreshold = 3;
const restartMs = { first: 500, last: 30_000 };
/** A replica that ran this long starts with the shortest pause again. */
const steadyAfterMs = 60_000;
const restartGraceMs = 5_000;

/** Starts it. @throws what the runner throws when the process cannot be started at all */
export async function startReplica(
  definition: ReplicaDefinition,
  log: ReplicaLog,
  host: ReplicaHost,
): Promise<Replica> {
  let state: ObservedReplica["state"] = "starting";
  let port = 0;
  let startedAt = new Date();
  let running: { process: ReplicaProcess; identity: ProcessIdentity | undefined } | undefined;
  let exitCode: number | undefined;
  let killed: string | undefined;
  let lastKilled: string | undefined;
  let lastAnswer: ProbeAnswer = { kind: "refused" };
  let lastPath = definition.service.probes.ready;
  let kept = false;
  let restarts = 0;
  const ending = new AbortController();
  const name = `${definition.service.name} ${String(definition.index + 1)} (${definition.version})`;

  const isRunning = () => running !== undefined;
  const portsInUse = () => (running === undefined ? [] : listeningPorts(running.process.processId));

  const become = (next: ObservedReplica["state"]) => {
    if (state === next) return;
    state = next;
    host.changed();
  };

  let beginning: Promise<void> = Promise.resolve();
  const begin = () => (beginning = beginProcess());
  const beginProcess = async () => {
    port = await host.freePort();
    ending.signal.throwIfAborted();
    startedAt = new Date();
    exitCode = undefined;
    const variables = { HOST: "127.0.0.1", ...definition.variables, PORT: String(port) };
    const onOutput = (stream: "stdout" | "stderr", chunk: Buffer) => {
      log.write(stream, chunk);
    };
    const started = await startWithin(definition.service.limits, (cgroup) =>
      definition.image.start({ variables, onOutput, ...(cgroup === undefined ? {} : { cgroup }) }),
    );
    running = { process: started, identity: identityOf(started.processId) };
    host.changed();
    void started.exited.then((exit) => {
      if (running?.process !== started) return;
      running = undefined;
      exitCode = exit.exitCode;
      killed = exit.killed;
      log.flush();
      if (killed !== undefined) {
        log.write("stderr", Buffer.from(`${killed}\n`));
        lastKilled = `${killed}, at ${new Date().toISOString()}`;
      }
      host.say(`${name} ${killed ?? `ended with exit code ${String(exit.exitCode)}`}`);
      become("exited");
    });
    // It was drained meanwhile, when there was no process to stop.
    if (ending.signal.aborted) await end("it is not needed any more", restartGraceMs);
  };

  const ask = async (path: string): Promise<ProbeAnswer> => {
    lastPath = path;
    lastAnswer = await probe(port, path, probeTimeoutMs);
    return lastAnswer;
  };

  /** From start to ready; false when the process ended, or was not ready in time. */
  const untilReady = async (): Promise<boolean> => {
    const { probes } = definition.service;
    const deadline = performance.now() + probes.startupTimeoutSeconds * 1000;
    const paths = probes.startup === null ? [probes.ready] : [probes.startup, probes.ready];
    let pauseMs = startingProbeMs.first;
    for (const path of paths) {
      while ((await ask(path)).kind !== "ok") {
        if (!isRunning() || performance.now() > deadline) return false;
        await sleep(pauseMs, undefined, { signal: ending.signal });
        pauseMs = Math.min(pauseMs * 1.5, startingProbeMs.last);
      }
    }
    // Something else may have answered on the port of a process that is gone.
    if (!isRunning()) return false;
    become("ready");
    return true;
  };

  /** Until the process ends or hangs. */
  const watch = async () => {
    let unready = 0;
    let hanging = 0;
    while (isRunning()) {
      await sleep(steadyProbeMs, undefined, { signal: ending.signal });
      unready = (await ask(definition.service.probes.ready)).kind === "ok" ? 0 : unready + 1;
      if (!isRunning()) return;
      if (unready === 0) become("ready");
      if (unready >= failureThreshold) become("unready");
      const { live } = definition.service.probes;
      if (live === null) continue;
      hanging = (await ask(live)).kind === "ok" ? 0 : hanging + 1;
      if (hanging >= failureThreshold) return void (await end("its liveness probe failed", restartGraceMs));
    }
  };

  const end = async (why: string, graceMs: number) => {
    const current = running;
    if (current === undefined) return;
    host.say(`${name} is stopped: ${why}`);
    await current.process.stop(graceMs);
    if (running === current) running = undefined;
    become("exited");
  };

  const first = Promise.withResolvers<FirstReady>();
  const live = async () => {
    const ready = await untilReady();
    if (ready) first.resolve({ kind: "ready" });
    else if (exitCode !== undefined)
      first.resolve({ kind: "exited", exitCode, ...(killed === undefined ? {} : { killed }) });
    else first.resolve({ kind: "timeout", lastAnswer, path: lastPath, listensOn: portsInUse() });
    if (ready) await watch();
    for (;;) {
      ending.signal.throwIfAborted();
      // Whoever waits for the first readiness decides; a kept one is started again.
      if (!kept) {
        await sleep(50, undefined, { signal: ending.signal });
        continue;
      }
      await end("it did not become ready", restartGraceMs);
      if (performance.now() - performanceAt(startedAt) > steadyAfterMs) restarts = 0;
      const pauseMs = Math.min(restartMs.first * 2 ** restarts++, restartMs.last);
      host.say(`${name} is started again in ${String(pauseMs)} ms`);
      await sleep(pauseMs, undefined, { signal: ending.signal });
      become("starting");
      const begun = await begin().then(
        () => true,
        (error: unknown) => {
          ending.signal.throwIfAborted();
          host.say(`${name} cannot be started: ${String(error)}`);
          become("exited");
          return false;
        },
      );
      ending.signal.throwIfAborted();
      if (begun && (await untilReady())) await watch();
    }
  };

  await begin();
  void live().catch((error: unknown) => {
    if (!ending.signal.aborted) host.say(`${name}: ${String(error)}`);
    first.resolve({ kind: "aborted" });
  });

  return {
    definition,
    log,
    state: () => state,
    port: () => port,
    identity: () => running?.identity,
    startedAt: () => startedAt,
    lastKilled: () => lastKilled,
    firstReady: (signal) =>
      Promise.race([
        first.promise,
        new Promise<FirstReady>((resolve) => {
          if (signal.aborted) resolve({ kind: "aborted" });
          signal.addEventListener(
            "abort",
            () => {
              resolve({ kind: "aborted" });
            },
            { once: true },
          );
        }),
      ]),
    keep: () => {
      kept = true;
    },
    drain: () => {
      ending.abort();
      if (running !== undefined) become("draining");
    },
    stop: async (graceMs) => {
      ending.abort();
      await beginning.catch(() => undefined);
      const current = running;
      if (current !== undefined) await current.process.stop(graceMs);
      log.close();
    },
  };
}

function performanceAt(date: Date): number {
  return date.getTime() - performance.timeOrigin;
}
