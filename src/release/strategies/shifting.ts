import { usageError } from "../../model/errors.ts";
import type {
  AnalyseOperation,
  JudgedLimit,
  Operation,
  ServiceRelease,
  SmokeCheck,
} from "../../model/plan.ts";
import type { ObservedReplica } from "../../model/target.ts";
import { servingIn } from "../observed.ts";
import { rolling, type ReplicaStep } from "./rolling.ts";
import type { BlueGreenStrategy, CanaryStrategy } from "./strategy.ts";

type Shift = BlueGreenStrategy | CanaryStrategy;

interface Shifting {
  readonly version: string;
  /** That change and serve already, those that others need first. */
  readonly services: readonly ServiceRelease[];
  readonly smoke: readonly SmokeCheck[];
}

/**
 * Visitors get another version from replicas that run beside those that serve. What is new in a release has nobody to take
 * visitors from, and what is gone from it nobody to give them to: those are replaced as in a rolling update, before and after.
 */
export function shifting(
  input: Parameters<typeof rolling>[0] & { readonly smoke: readonly SmokeCheck[] },
  strategy: Shift,
): Operation[] {
  const { release, observed, smoke, isCurrent } = input;
  const steps = rolling(input);
  const serving = ({ name }: ServiceRelease) => servingIn(observed, name);
  // Where nobody gets anything else, one that is missing or has ended is started again: there is nothing to compare.
  const isServed = (service: ServiceRelease) =>
    serving(service).every((replica) => isCurrent(service, replica));
  const shifted = release.services.filter(
    (service) =>
      !isServed(service) && steps.some((step) => step.service === service.name && isOtherCode(step)),
  );
  if (shifted.length === 0) return steps;
  if (strategy.kind === "canary") requireJudged(shifted, release.version, strategy, serving);
  const names = new Set(shifted.map(({ name }) => name));
  const wanted = new Set(release.services.map(({ name }) => name));
  const others = steps.filter(({ service }) => !names.has(service));
  const services = inOrderOf(steps, shifted);
  const toShift = {
    version: release.version,
    services,
    smoke: smoke.filter(({ service }) => names.has(service)),
  };
  return [
    ...others.filter(({ service }) => wanted.has(service)),
    ...(strategy.kind === "canary" ? canary(toShift, strategy) : blueGreen(toShift, strategy)),
    ...others.filter(({ service }) => !wanted.has(service)),
  ];
}

/**
 * What no limit judges would go along with what others pass, and what has the version of what it is compared with is counted
 * together with it.
 * @throws FairwayError CANARY_UNJUDGED (exit 2)
 */
function requireJudged(
  services: readonly ServiceRelease[],
  version: string,
  { limits }: CanaryStrategy,
  serving: (service: ServiceRelease) => readonly ObservedReplica[],
): void {
  const unjudged = services.filter(
    ({ name }) => !limits.some(({ services: named }) => named === null || named.includes(name)),
  );
  if (unjudged.length > 0) {
    throw usageError(
      `no limit of the canary judges ${unjudged.map(({ name }) => name).join(", ")}, which changes. Nothing was changed.`,
      {
        code: "CANARY_UNJUDGED",
        remedy: "Name it under `services` of a limit, or leave `services` out of one: that judges all.",
      },
    );
  }
  const same = services.filter((service) => serving(service).every((replica) => replica.version === version));
  if (same.length === 0) return;
  throw usageError(
    `${version} of ${same.map(({ name }) => name).join(", ")} is what serves already, with another image or settings: ` +
      "what is counted of a version would be of both. Nothing was changed.",
    {
      code: "CANARY_UNJUDGED",
      remedy: "Commit something, so that it has a version of its own; or let `strategy` be rolling for once.",
    },
  );
}

/** A replica that is started again with other secrets is the same code: there is nothing to compare. */
function isOtherCode(step: ReplicaStep): boolean {
  return step.kind === "replace-replica" && step.changedSecrets === undefined;
}

function inOrderOf(steps: readonly ReplicaStep[], services: readonly ServiceRelease[]): ServiceRelease[] {
  const first = ({ name }: ServiceRelease) => steps.findIndex(({ service }) => service === name);
  return [...services].sort((one, other) => first(one) - first(other));
}

/** Each step gets its visitors, and keeps them until it is known whether it is as good as what serves beside it. */
function canary(shift: Shifting, strategy: CanaryStrategy): Operation[] {
  const partial = strategy.weights.filter((percent) => percent < 100);
  return [
    ...partial.flatMap((percent, index): Operation[] => [
      ...startBeside(shift, percent, partial[index - 1]),
      ...(index === 0 ? tested(shift) : []),
      setWeight(shift, percent, strategy.sticky),
      analysis(shift, percent, partial.length, strategy),
    ]),
    ...startBeside(shift, 100, partial.at(-1)),
    setWeight(shift, 100, strategy.sticky),
    ...takeOver(shift),
  ];
}

/** The switch is one write, and what served before is there for the switch back until it has baked. */
function blueGreen(shift: Shifting, { bakeSeconds }: BlueGreenStrategy): Operation[] {
  const bake: Operation = {
    ...{ kind: "watch", seconds: bakeSeconds, rollBackOn: ["health", "smoke"] },
    ...{ smoke: shift.smoke, beside: shift.services.map(({ name }) => name), reviewOn: null },
  };
  return [
    ...startBeside(shift, 100),
    ...tested(shift),
    setWeight(shift, 100, false),
    ...(bakeSeconds === 0 ? [] : [bake]),
    ...takeOver(shift),
  ];
}

/** As many replicas of all as their share of the visitors, and one at least; where it is more than there are already. */
function startBeside({ version, services }: Shifting, percent: number, before = 0): Operation[] {
  return services.flatMap(({ name, replicas }): Operation[] => {
    const wanted = replicasFor(replicas, percent);
    if (before > 0 && wanted === replicasFor(replicas, before)) return [];
    return [{ kind: "start-beside", service: name, version, replicas: wanted }];
  });
}

function replicasFor(replicas: number, percent: number): number {
  return Math.max(1, Math.ceil((replicas * percent) / 100));
}

/** At its own address, before any visitor gets it. */
function tested({ smoke }: Shifting): Operation[] {
  return smoke.length === 0 ? [] : [{ kind: "smoke", checks: smoke, side: "beside" }];
}

function setWeight({ version, services }: Shifting, percent: number, sticky: boolean): Operation {
  return { kind: "set-weight", version, services: services.map(({ name }) => name), percent, sticky };
}

function takeOver({ version, services }: Shifting): Operation[] {
  return services.map(({ name }) => ({ kind: "take-over", service: name, version }));
}

/** What the rollout may spend is shared by its steps, and in each step by all that is judged. */
function analysis(
  { version, services }: Shifting,
  percent: number,
  steps: number,
  { limits, holdSeconds, analysis }: CanaryStrategy,
): AnalyseOperation {
  const judged = limits.flatMap(({ limit, services: named }): JudgedLimit[] =>
    services
      .filter(({ name }) => named === null || named.includes(name))
      .map(({ name }) => ({ service: name, limit })),
  );
  const { alpha, power, expected, atLeast, ...looks } = analysis;
  return {
    ...{ kind: "analyse", version, percent, limits: judged, holdSeconds },
    ...looks,
    rule: { alpha: alpha / (steps * Math.max(1, judged.length)), power, expected, atLeast },
  };
}
