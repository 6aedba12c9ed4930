import type { OperationResult, ReplicaOperation } from "../../../model/target.ts";
import { openReplicaLog, pruneLogs, type ReplicaLog } from "./log-files.ts";
import { notReadyError, notStartedError } from "./replica-error.ts";
import { startReplica, type Replica, type ReplicaDefinition, type ReplicaHost } from "./replica.ts";
import { balance, describe, type ReplicaGroup, type RunningService } from "./services.ts";

/** What a change of a service's replicas needs. */
export interface ServiceChange {
  readonly service: RunningService;
  readonly host: ReplicaHost;
  readonly logDirectory: string;
  /** The names of the log files of all replicas that run. */
  readonly runningLogs: () => ReadonlySet<string>;
  /** Remembers what runs now. */
  readonly save: () => Promise<void>;
  readonly report: (line: string) => void;
}

/** What a change of a slot needs. */
export interface SlotChange extends ServiceChange {
  readonly group: ReplicaGroup;
  readonly index: number;
}

/** Milliseconds from the stop signal to SIGKILL. */
const stopGraceMs = 10_000;

/**
 * Replaces several slots at the same time. One that fails does not stop the others in the middle of what they do; its error
 * is told when all have ended.
 */
export async function replaceReplicas(
  change: Omit<SlotChange, "index">,
  { index, also = [], unavailable = 0 }: Extract<ReplicaOperation, { kind: "replace-replica" }>,
  define: (index: number) => ReplicaDefinition,
  signal: AbortSignal,
): Promise<OperationResult> {
  const results = await Promise.allSettled(
    [index, ...also].map(async (slot, place) => {
      const ofSlot = { ...change, index: slot };
      const definition = define(slot);
      if (place < unavailable && !isThere(ofSlot, definition)) await removeReplica(ofSlot);
      return replaceReplica(ofSlot, definition, signal);
    }),
  );
  const failed = results.find((result) => result.status === "rejected");
  if (failed !== undefined) throw failed.reason;
  const observed = results.flatMap((result) =>
    result.status === "fulfilled" ? [result.value.observed] : [],
  );
  return { observed: observed.join("; ") };
}

function isThere({ group, index }: SlotChange, { fingerprint }: ReplicaDefinition): boolean {
  const there = group.admitted.get(index);
  return there?.definition.fingerprint === fingerprint && there.state() === "ready";
}

/**
 * Starts the new replica beside the old one, admits it when it is ready, then drains and stops the old one. When the
 * new one fails, it is removed and the old one has noticed nothing.
 * @throws FairwayError REPLICA_NOT_STARTED, REPLICA_EXITED, REPLICA_NOT_READY, REPLICA_ABORTED
 */
export async function replaceReplica(
  change: SlotChange,
  definition: ReplicaDefinition,
  signal: AbortSignal,
): Promise<OperationResult> {
  const { service, group, index, report, save } = change;
  await removeLeftovers(change);
  const old = group.admitted.get(index);
  if (old !== undefined && isThere(change, definition)) {
    return { observed: `${describe(old)} was ready already` };
  }
  report(`starting ${service.name} ${String(index + 1)} at ${definition.version}`);
  const next = await readyReplica(change, definition, signal);
  group.others.delete(next);
  group.admitted.set(index, next);
  if (old !== undefined) group.others.add(old);
  next.keep();
  balance(service);
  await save();
  const where = group === service ? "in rotation" : "beside what serves";
  report(`${describe(next)} is ${where}`);
  if (old !== undefined) await drainAndEnd(change, old);
  await pruneLogs(change.logDirectory, change.runningLogs());
  return { observed: `${describe(next)} is ready and ${where}` };
}

/** Drains the slot's replica and stops it. */
export async function removeReplica(change: SlotChange): Promise<OperationResult> {
  const { service, group, index } = change;
  await removeLeftovers(change);
  const replica = group.admitted.get(index);
  if (replica === undefined) return { observed: `${service.name} ${String(index + 1)} was not running` };
  group.admitted.delete(index);
  group.others.add(replica);
  balance(service);
  await drainAndEnd(change, replica);
  return { observed: `${service.name} ${String(index + 1)} was stopped` };
}

/** Takes it out of rotation, lets it finish its requests, and stops it. */
export async function drainAndEnd(change: ServiceChange, replica: Replica): Promise<void> {
  const { definition } = replica;
  const { proxy } = change.service;
  change.report(`draining ${describe(replica)}`);
  replica.drain();
  proxy.withdraw(definition.id);
  const { drainSeconds } = definition.service;
  if (!(await proxy.drained(definition.id, drainSeconds * 1000))) {
    change.report(`${describe(replica)} is stopped with requests in flight, after ${String(drainSeconds)} s`);
  }
  await end(change, replica, stopGraceMs);
}

async function readyReplica(
  change: SlotChange,
  definition: ReplicaDefinition,
  signal: AbortSignal,
): Promise<Replica> {
  const { service, group, index, host, save } = change;
  // What stays when this one does not become ready: beside, that may be what serves.
  const old = group.admitted.get(index) ?? service.admitted.get(index);
  for (let attempt = 1; ; attempt++) {
    const log = newLog(change, definition);
    const next = await startReplica(definition, log, host).catch((error: unknown) => {
      throw notStartedError(definition, error, log, old?.definition);
    });
    group.others.add(next);
    await save();
    const first = await next.firstReady(signal);
    if (first.kind === "ready") return next;
    const error = notReadyError(next, first, old);
    await end(change, next, 0);
    // Another process of this machine took the port between the choice and the start.
    if (
      attempt === 3 ||
      first.kind !== "exited" ||
      !/EADDRINUSE|address already in use/i.test(error.output ?? "")
    )
      throw error;
  }
}

function newLog(
  { service, index, logDirectory }: SlotChange,
  { version, scrub }: ReplicaDefinition,
): ReplicaLog {
  return openReplicaLog(
    logDirectory,
    { service: service.name, index, version, startedAtMs: Date.now() },
    scrub,
  );
}

/** What an operation before this one began and did not end. */
async function removeLeftovers(change: SlotChange): Promise<void> {
  const leftovers = [...change.group.others].filter(({ definition }) => definition.index === change.index);
  await Promise.all(leftovers.map((replica) => drainAndEnd(change, replica)));
}

async function end({ service, save }: ServiceChange, replica: Replica, graceMs: number): Promise<void> {
  service.proxy.forget(replica.definition.id);
  await replica.stop(graceMs);
  for (const { others } of [service, service.beside]) others.delete(replica);
  await save();
}
