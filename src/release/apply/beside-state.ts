import { unreachable } from "../../model/errors.ts";
import type {
  Operation,
  ServiceRelease,
  SetWeightOperation,
  StopBesideOperation,
  TakeOverOperation,
} from "../../model/plan.ts";
import type { BesideOperation, Observation, ObservedReplica, ObservedService } from "../../model/target.ts";
import type { DeploymentSummary } from "../state.ts";
import { besideIn, serviceIn } from "../observed.ts";
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
  const { services } = deployment.plan.release;
  const later = begunAfter(operation, deployment);
  const seen = (name: string) => serviceIn(observed, name);
  switch (operation.kind) {
    case "start-beside": {
      const { service, version, replicas } = operation;
      const isOvertaken = later.some((one) => isEnd(one) && one.service === service);
      return stateIf(isOvertaken || readyBeside(observed, service, version) >= replicas);
    }
    case "set-weight": {
      // Of several services one may have been taken over already.
      const isOvertaken = (name: string) =>
        later.some((one) => (isEnd(one) ? one.service === name : isWeightOf(one, name)));
      return stateIf(
        operation.services.every((name) => isOvertaken(name) || hasWeight(seen(name), operation)),
      );
    }
    case "take-over": {
      const wanted = services.find(({ name }) => name === operation.service);
      const there = seen(operation.service);
      const isDone = wanted !== undefined && there !== undefined && isTaken(wanted, there, isCurrent);
      return stateIf(startsAgain(later, operation.service) || isDone);
    }
    case "stop-beside": {
      const { service } = operation;
      return stateIf(startsAgain(later, service) || besideIn(observed, service).length === 0);
    }
    default:
      return unreachable(operation);
  }
}

/** Operations further on in the plan that began: they leave nothing of an earlier one to be done. */
function begunAfter(
  operation: BesideOperation,
  { plan, operations }: Pick<DeploymentSummary, "plan" | "operations">,
): readonly Operation[] {
  const at = plan.operations.indexOf(operation);
  return operations.filter(({ index, wayBack }) => !wayBack && index > at).map((entry) => entry.operation);
}

function isEnd(operation: Operation): operation is TakeOverOperation | StopBesideOperation {
  return operation.kind === "take-over" || operation.kind === "stop-beside";
}

function isWeightOf(operation: Operation, service: string): boolean {
  return operation.kind === "set-weight" && operation.services.includes(service);
}

function startsAgain(later: readonly Operation[], service: string): boolean {
  return later.some((operation) => operation.kind === "start-beside" && operation.service === service);
}

function readyBeside(observed: Observation, service: string, version: string): number {
  const ready = besideIn(observed, service).filter(
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

function stateIf(isDone: boolean): OperationState {
  return isDone ? "done" : "not done";
}
