import type { OperationResult } from "../../../model/target.ts";
import { openReplicaLog, pruneLogs, type ReplicaLog } from "./log-files.ts";
import { notReadyError, notStartedError } from "./replica-error.ts";
import { startReplica, type Replica, type ReplicaDefinition, type ReplicaHost } from "./replica.ts";
import { balance, describe, type RunningService } from "./services.ts";

/** What a change of a slot needs. */
export interface SlotChange {
  readonly service: RunningService;
  readonly index: number;
  readonly host: ReplicaHost;
  readonly logDirectory: string;
  /** Remembers what runs now. */
  readonly save: () => Promise<void>;
  readonly report: (line: string) => void;
}

/** Milliseconds from the stop signal to SIGKILL. */
const stopGraceMs = 10_000;

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
  const { service, index, report, save } = change;
  await removeLeftovers(change);
  const old = service.admitted.get(index);
  if (old?.definition.fingerprint === definition.fingerprint && old.state() === "ready") {
    return { observed: `${describe(old)} was ready already` };
  }
  report(`starting ${service.name} ${String(index + 1)} at ${definition.version}`);
  const next = await readyReplica(change, definition, signal);
  service.others.delete(next);
  service.admitted.set(index, next);
  if (old !== undefined) service.others.add(old);
  next.keep();
  balance(service);
  await save();
  report(`${describe(next)} is in rotation`);
  if (old !== undefined) await drainAndEnd(change, old);
  await pruneLogs(change.logDirectory);
  return { observed: `${describe(next)} is ready and in rotation` };
}

/** Drains the slot's replica and stops it. */
export async function removeReplica(change: SlotChange): Promise<OperationResult> {
  const { service, index } = change;
  await removeLeftovers(change);
  const replica = service.admitted.get(index);
  if (replica === undefined) return { observed: `${service.name} ${String(index + 1)} was not running` };
  service.admitted.delete(index);
  service.others.add(replica);
  balance(service);
  await drainAndEnd(change, replica);
  return { observed: `${service.name} ${String(index + 1)} was stopped` };
}

/** Takes it out of rotation, lets it finish its requests, and stops it. */
export async function drainAndEnd(change: Omit<SlotChange, "index">, replica: Replica): Promise<void> {
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
  const { service, index, host, save } = change;
  const old = service.admitted.get(index);
  for (let attempt = 1; ; attempt++) {
    const log = newLog(change, definition);
    const next = await startReplica(definition, log, host).catch((error: unknown) => {
      throw notStartedError(definition, error, log, old?.definition);
    });
    service.others.add(next);
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
  const leftovers = [...change.service.others].filter(({ definition }) => definition.index === change.index);
  await Promise.all(leftovers.map((replica) => drainAndEnd(change, replica)));
}

async function end(
  { service, save }: Omit<SlotChange, "index">,
  replica: Replica,
  graceMs: number,
): Promise<void> {
  service.proxy.forget(replica.definition.id);
  await replica.stop(graceMs);
  service.others.delete(replica);
  await save();
}
