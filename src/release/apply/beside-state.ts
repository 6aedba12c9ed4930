import { unreachable } from "../../model/errors.ts";
import type { Operation, ServiceRelease, SetWeightOperation } from "../../model/plan.ts";
import type { BesideOperation, Observation, ObservedReplica, ObservedService } from "../../model/target.ts";
import type { DeploymentSummary } from "../state.ts";
import type { OperationState } from "./apply.ts";

interface Facts {
  readonly observed: Observation;
  /** True when this replica already is what the release asks for at its slot. */
  readonly isCurrent: (service: ServiceRelease, replica: ObservedReplica) => boolean;
}

/**
 * Whether what runs beside is as an operation leaves it. One that a later operation of its plan has overtaken is done,
 * whatever is there now: nobody takes a weight back to what it was before.
 */
export function besideState(
  operation: BesideOperation,
  deployment: Pick<DeploymentSummary, "plan" | "operations">,
  { observed, isCurrent }: Facts,
): OperationState {
  if (isOvertaken(operation, deployment)) return "done";
  const { services } = deployment.plan.release;
  const seen = (name: string) => observed.services.find((service) => service.name === name);
  switch (operation.kind) {
    case "start-beside":
      return stateIf(readyBeside(seen(operation.service), operation.version) >= operation.replicas);
    case "set-weight":
      return stateIf(operation.services.every((name) => hasWeight(seen(name), operation)));
    case "take-over": {
      const wanted = services.find(({ name }) => name === operation.service);
      const there = seen(operation.service);
      return stateIf(wanted !== undefined && there !== undefined && isTaken(wanted, there, isCurrent));
    }
    case "stop-beside":
      return stateIf(besideOf(seen(operation.service)).length === 0);
    default:
      return unreachable(operation);
  }
}

function isOvertaken(
  operation: BesideOperation,
  { plan, operations }: Pick<DeploymentSummary, "plan" | "operations">,
): boolean {
  const at = plan.operations.indexOf(operation);
  return operations.some(({ index, wayBack, operation: later }) => {
    return !wayBack && index > at && overtakes(later, operation);
  });
}

/** A later operation that began leaves nothing of the earlier one to be done. */
function overtakes(later: Operation, earlier: BesideOperation): boolean {
  const ends = later.kind === "take-over" || later.kind === "stop-beside";
  switch (earlier.kind) {
    case "start-beside":
      return ends && later.service === earlier.service;
    case "set-weight":
      return (
        (later.kind === "set-weight" && earlier.services.every((name) => later.services.includes(name))) ||
        (ends && earlier.services.every((name) => name === later.service))
      );
    case "take-over":
    case "stop-beside":
      return later.kind === "start-beside" && later.service === earlier.service;
    default:
      return unreachable(earlier);
  }
}

function readyBeside(service: ObservedService | undefined, version: string): number {
  const ready = besideOf(service).filter(
    ({ state, changedSecrets, ...replica }) =>
      replica.version === version && state === "ready" && changedSecrets === undefined,
  );
  return ready.length;
}

function hasWeight(
  service: ObservedService | undefined,
  { version, percent, sticky }: SetWeightOperation,
): boolean {
  const weight = service?.weight;
  if (percent === 0) return weight === undefined;
  return weight?.version === version && weight.percent === percent && weight.sticky === sticky;
}

/** Each slot has one replica, of this release, that serves; and there is nothing else. */
function isTaken(
  wanted: ServiceRelease,
  { replicas, weight }: ObservedService,
  isCurrent: Facts["isCurrent"],
): boolean {
  const serves = (index: number) => {
    const [only, ...more] = replicas.filter((replica) => replica.index === index);
    if (only === undefined || more.length > 0 || only.beside !== undefined) return false;
    const isReady = only.inRotation && only.state === "ready" && only.changedSecrets === undefined;
    return isReady && isCurrent(wanted, only);
  };
  const slots = Array.from({ length: wanted.replicas }, (_, index) => index);
  return weight === undefined && replicas.length === wanted.replicas && slots.every(serves);
}

function besideOf(service: ObservedService | undefined): readonly ObservedReplica[] {
  return (service?.replicas ?? []).filter(({ beside }) => beside === true);
}

function stateIf(isDone: boolean): OperationState {
  return isDone ? "done" : "not done";
}
