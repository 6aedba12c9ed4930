import type { Operation, Release, ServiceRelease } from "../../model/plan.ts";
import type { Observation, ObservedReplica, ObservedService } from "../../model/target.ts";

export type ReplicaStep = Extract<Operation, { kind: "replace-replica" | "remove-replica" }>;

/**
 * A rolling update: one replica of one service at a time, services after those that they need. What already runs
 * as wanted is left alone, so that the rest of an interrupted update is planned by the same function.
 */
export function rolling(input: {
  readonly release: Release;
  readonly observed: Observation;
  /** True when this replica already is what the release asks for at its slot. */
  readonly isCurrent: (service: ServiceRelease, replica: ObservedReplica) => boolean;
}): ReplicaStep[] {
  const { release, observed, isCurrent } = input;
  const steps: ReplicaStep[] = [];
  for (const service of inOrderOfNeeds(release.services)) {
    const running = slotsOf(observed.services.find((candidate) => candidate.name === service.name));
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
      if (!current) steps.push(replace);
      else if (only.changedSecrets !== undefined)
        steps.push({ ...replace, changedSecrets: only.changedSecrets });
    }
    steps.push(...removals(service.name, running, service.replicas));
  }
  const wanted = new Set(release.services.map((service) => service.name));
  for (const service of observed.services) {
    if (!wanted.has(service.name)) steps.push(...removals(service.name, slotsOf(service), 0));
  }
  return steps;
}

/** What runs beside is in no slot. */
function slotsOf(service: ObservedService | undefined): readonly ObservedReplica[] {
  return (service?.replicas ?? []).filter(({ beside }) => beside === undefined);
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
