import { failure, unreachable } from "../../model/errors.ts";
import type { Operation, Release, ServiceRelease } from "../../model/plan.ts";
import type { Observation, ObservedReplica, Rollout } from "../../model/target.ts";
import { rolling } from "./rolling.ts";
import { whole } from "./whole.ts";

export interface RolloutInput {
  readonly release: Release;
  readonly observed: Observation;
  readonly rollout: Rollout;
  /** True when this replica already is what the release asks for at its slot. */
  readonly isCurrent: (service: ServiceRelease, replica: ObservedReplica) => boolean;
}

/** What has to be done, from what runs now, until all of the release runs. */
export function rollOut(input: RolloutInput): Operation[] {
  switch (input.rollout) {
    case "by replica":
      return [...leftBeside(input.observed), ...rolling(input)];
    case "as a whole":
      return whole({
        release: input.release,
        revision: revisionOf(input.observed),
        timeoutSeconds: healthTimeoutOf(input.release),
      });
    default:
      return unreachable(input.rollout);
  }
}

/** What a rollout left there that did not end: a rolling update leads away from it, also as a way back. */
function leftBeside({ services }: Observation): Operation[] {
  return services
    .filter(({ replicas, weight }) => weight !== undefined || replicas.some(({ beside }) => beside === true))
    .map(({ name }) => ({ kind: "stop-beside", service: name }));
}

/** The way back to a release, of the services that were touched; whatever will run when it is taken. */
export function rollBackTo(
  from: Release,
  observed: Observation,
  rollout: Rollout,
  touched: ReadonlySet<string>,
): Operation[] {
  const services = from.services.filter(({ name }) => touched.has(name));
  if (services.length === 0) return [];
  if (rollout === "by replica") {
    return services.flatMap((service) =>
      Array.from({ length: service.replicas }, (_, index) => ({
        kind: "replace-replica" as const,
        service: service.name,
        index,
        version: from.version,
      })),
    );
  }
  const nothing = { ...revisionOf(observed), images: {}, health: "unknown" as const };
  return whole({ release: { ...from, services }, revision: nothing, timeoutSeconds: healthTimeoutOf(from) });
}

export function revisionOf({ revision }: Observation) {
  if (revision !== undefined) return revision;
  throw failure("the target does not say which revision it has", { code: "TARGET_UNREADABLE" });
}

/** Its replicas start one after the other at worst. */
function healthTimeoutOf({ services }: Release): number {
  return services.reduce(
    (sum, { replicas, probes, drainSeconds }) =>
      sum + replicas * (probes.startupTimeoutSeconds + drainSeconds),
    60,
  );
}
