import type { Observation, ObservedReplica, ObservedService } from "../model/target.ts";

type Observed = Pick<Observation, "services">;

/** Undefined where nothing of it runs, or ever ran. */
export function serviceIn({ services }: Observed, name: string): ObservedService | undefined {
  return services.find((service) => service.name === name);
}

/** Replicas of a service that are in its slots: what runs beside is in none. */
export function inSlots(observed: Observed, service: string): readonly ObservedReplica[] {
  return (serviceIn(observed, service)?.replicas ?? []).filter(({ beside }) => beside === undefined);
}

/** Those of them that visitors get, whether they are ready or not. */
export function servingIn(observed: Observed, service: string): readonly ObservedReplica[] {
  return inSlots(observed, service).filter(({ inRotation }) => inRotation);
}

/** Replicas of a service that run beside its slots. */
export function besideIn(observed: Observed, service: string): readonly ObservedReplica[] {
  return (serviceIn(observed, service)?.replicas ?? []).filter(({ beside }) => beside === true);
}
