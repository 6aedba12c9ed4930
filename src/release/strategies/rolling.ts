import type { Operation, Release, ServiceRelease } from "../../model/plan.ts";
import type { Observation, ObservedReplica } from "../../model/target.ts";
import { inSlots } from "../observed.ts";

type Replacement = Extract<Operation, { kind: "replace-replica" }>;
export type ReplicaStep = Extract<Operation, { kind: "replace-replica" | "remove-replica" }>;

export interface Batch {
  readonly maxSurge: number;
  readonly maxUnavailable: number;
}

/** One at a time, and none before the next is ready: what a way back is taken by. */
const oneByOne: Batch = { maxSurge: 1, maxUnavailable: 0 };

/**
 * A rolling update: one batch of replicas of one service at a time, services after those that they need. What already runs
 * as wanted is left alone, so that the rest of an interrupted update is planned by the same function.
 */
export function rolling(input: {
  readonly release: Release;
  readonly observed: Observation;
  /** True when this replica already is what the release asks for at its slot. */
  readonly isCurrent: (service: ServiceRelease, replica: ObservedReplica) => boolean;
  readonly batch?: Batch;
}): ReplicaStep[] {
  const { release, observed, isCurrent, batch = oneByOne } = input;
  const steps: ReplicaStep[] = [];
  for (const service of inOrderOfNeeds(release.services)) {
    const running = inSlots(observed, service.name);
    const replaced: Replacement[] = [];
    for (let index = 0; index < service.replicas; index += 1) {
      const inSlot = running.filter((replica) => replica.index === index);
      const [only] = inSlot;
      const replace = {
        kind: "replace-replica",
        service: service.name,
        index,
        version: release.version,
        ...(only === undefined ? { replaces: false } : {}),
      } as const;
      const current = inSlot.length === 1 && only !== undefined && serves(only) && isCurrent(service, only);
      if (!current) replaced.push(replace);
      else if (only.changedSecrets !== undefined)
        replaced.push({ ...replace, changedSecrets: only.changedSecrets });
    }
    steps.push(...inBatches(replaced, batch));
    steps.push(...removals(service.name, running, service.replicas));
  }
  const wanted = new Set(release.services.map((service) => service.name));
  for (const { name } of observed.services) {
    if (!wanted.has(name)) steps.push(...removals(name, inSlots(observed, name), 0));
  }
  return steps;
}

/** Those that are alike in all but their slots are replaced together, as many as may be. */
function inBatches(steps: readonly Replacement[], { maxSurge, maxUnavailable }: Batch): ReplicaStep[] {
  const size = maxSurge + maxUnavailable;
  const batches: Replacement[][] = [];
  for (const step of steps) {
    const last = batches.at(-1);
    if (last !== undefined && last.length < size && isAlike(last[0], step)) last.push(step);
    else batches.push([step]);
  }
  return batches.flatMap(([first, ...others]) => {
    if (first === undefined) return [];
    // Only those for which there is no room beside what they replace.
    const unavailable = first.replaces === false ? 0 : Math.max(0, 1 + others.length - maxSurge);
    return [
      {
        ...first,
        ...(others.length === 0 ? {} : { also: others.map(({ index }) => index) }),
        ...(unavailable === 0 ? {} : { unavailable }),
      },
    ];
  });
}

function isAlike(one: Replacement | undefined, other: Replacement): boolean {
  const kind = ({ replaces, changedSecrets }: Replacement) => JSON.stringify([replaces, changedSecrets]);
  return one !== undefined && kind(one) === kind(other);
}

function serves(replica: ObservedReplica): boolean {
  return replica.inRotation && replica.state === "ready";
}

function removals(service: string, running: readonly ObservedReplica[], keep: number): ReplicaStep[] {
  const surplus = new Set(running.map((replica) => replica.index).filter((index) => index >= keep));
  return [...surplus]
    .sort((a, b) => b - a)
    .map((index) => ({ kind: "remove-replica" as const, service, index }));
}

/** Config refuses circles, so this ends. */
function inOrderOfNeeds(services: readonly ServiceRelease[]): ServiceRelease[] {
  const ordered: ServiceRelease[] = [];
  const visit = (service: ServiceRelease) => {
    if (ordered.includes(service)) return;
    for (const name of service.needs) {
      const needed = services.find((candidate) => candidate.name === name);
      if (needed !== undefined) visit(needed);
    }
    ordered.push(service);
  };
  services.forEach(visit);
  return ordered;
}
