import { failure, unreachable } from "../../model/errors.ts";
import type { Operation, Release, ServiceRelease, SmokeCheck } from "../../model/plan.ts";
import type { Observation, ObservedReplica, Rollout } from "../../model/target.ts";
import { rolling } from "./rolling.ts";
import { shifting } from "./shifting.ts";
import type { Strategy } from "./strategy.ts";
import { whole } from "./whole.ts";

export { requireCapable } from "./capable.ts";
export type { Strategy, StrategyLimit } from "./strategy.ts";

export interface RolloutInput {
  readonly release: Release;
  readonly observed: Observation;
  readonly rollout: Rollout;
  /** True when this replica already is what the release asks for at its slot. */
  readonly isCurrent: (service: ServiceRelease, replica: ObservedReplica) => boolean;
  /** A way back is rolling, whatever led there. @default rolling */
  readonly strategy?: Strategy;
  /** What is asked of a new version at its own address, where the strategy gives it one. @default [] */
  readonly smoke?: readonly SmokeCheck[];
}

/** What has to be done, from what runs now, until all of the release runs. */
export function rollOut(input: RolloutInput): Operation[] {
  switch (input.rollout) {
    case "by replica":
      return [...leftBeside(input.observed), ...byReplica(input)];
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

function byReplica({ strategy, smoke = [], ...input }: RolloutInput): Operation[] {
  if (strategy === undefined) return rolling(input);
  return strategy.kind === "rolling"
    ? rolling({ ...input, batch: strategy })
    : shifting({ ...input, smoke }, strategy);
}

/** What a rollout left there that did not end: visitors are taken away from all of it at once, then it is stopped. */
function leftBeside({ services }: Observation): Operation[] {
  const left = services.filter(
    ({ replicas, weight }) => weight !== undefined || replicas.some(({ beside }) => beside === true),
  );
  const weighted = left.flatMap(({ name, weight }) => (weight === undefined ? [] : [{ name, weight }]));
  const [first] = weighted;
  const names = weighted.map(({ name }) => name);
  return [
    ...(first === undefined ? [] : [noVisitors(first.weight.version, names)]),
    ...left.map(({ name }): Operation => ({ kind: "stop-beside", service: name })),
  ];
}

function noVisitors(version: string, services: readonly string[]): Operation {
  return { kind: "set-weight", version, services, percent: 0, sticky: false };
}

/** The way back to a release, of the services that these steps touch; whatever will run when it is taken. */
export function rollBackTo(
  from: Release,
  observed: Observation,
  rollout: Rollout,
  steps: readonly Operation[],
): Operation[] {
  const touched = servicesIn(steps);
  const services = from.services.filter(({ name }) => touched.has(name));
  if (services.length === 0) return [];
  if (rollout === "by replica") return [...fromBeside(steps), ...backByReplica(from.version, services)];
  const nothing = { ...revisionOf(observed), images: {}, health: "unknown" as const };
  return whole({ release: { ...from, services }, revision: nothing, timeoutSeconds: healthTimeoutOf(from) });
}

/** What the steps touch is all that a way back from them has to touch. */
function servicesIn(steps: readonly Operation[]): ReadonlySet<string> {
  const names = steps.flatMap((step) => {
    if (step.kind === "set-weight") return step.services;
    if (step.kind !== "set-images") return "service" in step ? [step.service] : [];
    return step.images.flatMap(({ service, image, replaces }) => (image === replaces ? [] : [service]));
  });
  return new Set(names);
}

/** One write takes all visitors back to what serves beside, as long as that is there. */
function fromBeside(steps: readonly Operation[]): Operation[] {
  // What takes visitors away from what an earlier rollout left is no part of this one.
  const weighted = steps.find((step) => step.kind === "set-weight" && step.percent > 0);
  if (weighted?.kind !== "set-weight") return [];
  const stops = weighted.services.map((service): Operation => ({ kind: "stop-beside", service }));
  return [noVisitors(weighted.version, weighted.services), ...stops];
}

function backByReplica(version: string, services: readonly ServiceRelease[]): Operation[] {
  return services.flatMap(({ name, replicas }) =>
    Array.from({ length: replicas }, (_, index) => ({
      kind: "replace-replica" as const,
      service: name,
      index,
      version,
    })),
  );
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
