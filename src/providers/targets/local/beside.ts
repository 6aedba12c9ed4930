import { failure } from "../../../model/errors.ts";
import type { SetWeightOperation } from "../../../model/plan.ts";
import type { OperationResult } from "../../../model/target.ts";
import { pruneLogs } from "./log-files.ts";
import { drainAndEnd, replaceReplica, type ServiceChange } from "./replacement.ts";
import type { ReplicaDefinition } from "./replica.ts";
import { balance, inGroup, type ReplicaGroup, type RunningService } from "./services.ts";

/** Replicas of one version that are wanted, in the slots from 0 on. */
export interface WantedReplicas {
  readonly version: string;
  readonly count: number;
  readonly define: (index: number) => ReplicaDefinition;
}

/**
 * Brings so many replicas up beside those that serve, one after the other. What is there already stays as it is; one that
 * does not become ready is removed, and nobody who serves has noticed.
 * @throws what `replaceReplica` throws
 */
export async function startBeside(
  change: ServiceChange,
  { version, count, define }: WantedReplicas,
  signal: AbortSignal,
): Promise<OperationResult> {
  const { service } = change;
  const isOther = (group: ReplicaGroup) =>
    inGroup(group).some((replica) => replica.definition.version !== version);
  if (isOther(service.beside)) await stopBeside(change);
  for (let index = 0; index < count; index += 1) {
    await replaceReplica({ ...change, group: service.beside, index }, define(index), signal);
  }
  return { observed: `${String(count)} of ${service.name} at ${version} are ready beside what serves` };
}

/**
 * Gives what runs beside the slots, once it is complete; all visitors get it from one moment to the next. Then what served
 * is drained and stopped.
 * @throws what `startBeside` throws; FairwayError SIDE_NOT_READY
 */
export async function takeOver(
  change: ServiceChange,
  wanted: WantedReplicas,
  signal: AbortSignal,
): Promise<OperationResult> {
  const { service, report, save } = change;
  const { version, count } = wanted;
  if (hasTheSlots(service, wanted)) return { observed: `${service.name}: ${version} had the slots already` };
  await startBeside(change, wanted, signal);
  const next = [...service.beside.admitted];
  requireReady(service, version, { atLeast: count });
  for (const replica of inGroup(service)) service.others.add(replica);
  for (const group of [service, service.beside]) group.admitted.clear();
  for (const [index, replica] of next) {
    if (index < count) service.admitted.set(index, replica);
    else service.others.add(replica);
  }
  service.proxy.weigh(null);
  balance(service);
  await save();
  report(`${service.name}: ${version} has the slots`);
  await Promise.all([...service.others].map((replica) => drainAndEnd(change, replica)));
  await pruneLogs(change.logDirectory, change.runningLogs());
  return { observed: `${service.name}: ${String(count)} replicas of ${version} have the slots` };
}

/** Takes its visitors away, drains and stops it. */
export async function stopBeside(change: ServiceChange): Promise<OperationResult> {
  const { service, save } = change;
  const { beside } = service;
  const replicas = inGroup(beside);
  for (const replica of replicas) beside.others.add(replica);
  beside.admitted.clear();
  service.proxy.weigh(null);
  balance(service);
  await save();
  if (replicas.length === 0) return { observed: `nothing ran beside ${service.name}` };
  await Promise.all(replicas.map((replica) => drainAndEnd(change, replica)));
  return { observed: `what ran beside ${service.name} was stopped` };
}

/**
 * From one moment to the next, for all of the services.
 * @throws FairwayError SIDE_NOT_READY where visitors would be sent to a side that is not there
 */
export function setWeight(
  services: ReadonlyMap<string, RunningService>,
  { version, services: names, percent, sticky }: SetWeightOperation,
): OperationResult {
  const chosen = names.flatMap((name) => services.get(name) ?? []);
  if (percent > 0) {
    const missing = names.find((name) => !services.has(name));
    if (missing !== undefined) throw notReady(`nothing of ${missing} runs`);
    for (const service of chosen) {
      requireReady(service, version, { atLeast: 1 });
      if (percent < 100 && service.admitted.size === 0) {
        throw notReady(`nothing of ${service.name} serves that the other visitors could be sent to`);
      }
    }
  }
  for (const service of chosen) {
    service.proxy.weigh(percent === 0 ? null : { version, percent, sticky });
    balance(service);
  }
  const share = percent === 0 ? "no visitor" : `${String(percent)} % of the visitors`;
  return { observed: `${share} of ${names.join(", ")} ${percent === 0 ? "gets" : "get"} ${version}` };
}

function requireReady(
  { name, beside }: RunningService,
  version: string,
  { atLeast }: { readonly atLeast: number },
): void {
  const ready = [...beside.admitted.values()].filter(
    (replica) => replica.definition.version === version && replica.state() === "ready",
  );
  if (ready.length >= atLeast) return;
  throw notReady(
    `${String(ready.length)} of ${String(atLeast)} replicas of ${name} at ${version} are ready beside what serves`,
  );
}

function hasTheSlots(service: RunningService, { count, define }: WantedReplicas): boolean {
  const { admitted, beside } = service;
  if (inGroup(beside).length > 0 || service.others.size > 0 || admitted.size !== count) return false;
  return Array.from({ length: count }, (_, index) => index).every((index) => {
    const replica = admitted.get(index);
    return replica?.state() === "ready" && replica.definition.fingerprint === define(index).fingerprint;
  });
}

function notReady(message: string): Error {
  return failure(`${message}; visitors are where they were`, {
    code: "SIDE_NOT_READY",
    remedy: "see what runs: fairway status",
  });
}
