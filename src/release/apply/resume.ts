import type { Backups } from "../../model/backup.ts";
import { unreachable } from "../../model/errors.ts";
import type { Operation, Release } from "../../model/plan.ts";
import { byHand, type Observation, type OperationContext } from "../../model/target.ts";
import { inSlots } from "../observed.ts";
import { currentAmong } from "../plan/plan.ts";
import type { DeploymentSummary, GivenAnswer, JournaledOperation } from "../state.ts";
import { revisionOf } from "../strategies/strategies.ts";
import { besideState } from "./beside-state.ts";
import { type Executors, type OperationState, type PlacedOperation } from "./apply.ts";

/** What a deployment that was cut off has done, and what is left of it. */
export interface Remainder {
  /** Began before, and turned out to be done: to be written down. */
  readonly done: readonly FoundDone[];
  readonly left: readonly PlacedOperation[];
  /** The first of which nobody can tell whether it happened, and nobody has said; what comes after it is not looked at. */
  readonly asked: PlacedOperation | null;
}

interface FoundDone extends PlacedOperation {
  /** Who says so, because nobody can see it; null for what can be seen. */
  readonly saidBy: string | null;
}

export interface ResumeFacts {
  readonly observed: Observation;
  /** By version. */
  readonly proven: ReadonlyMap<string, Release>;
  readonly executors: Executors;
  readonly backups: Backups | undefined;
  readonly context: OperationContext;
}

/** Looks at what is, and believes the journal, and what people said, only in what cannot be seen. Changes nothing. */
export async function whatIsLeft(deployment: DeploymentSummary, facts: ResumeFacts): Promise<Remainder> {
  const done: FoundDone[] = [];
  const left: PlacedOperation[] = [];
  // What served before the database was put back has to be started again, whatever it looks like now.
  const anew = () => left.some(({ operation }) => operation.kind === "restore");
  for (const [index, operation] of deployment.plan.operations.entries()) {
    const entry = deployment.operations.find((candidate) => candidate.index === index && !candidate.wayBack);
    const state = anew() ? "not done" : await stateOf(operation, entry, deployment, facts);
    const said = state === "unknown" ? answerTo(index, deployment) : undefined;
    const settled = state === "unknown" ? said?.answer : state;
    if (settled === undefined) return { done, left, asked: { index, operation } };
    if (settled === "not done") left.push({ index, operation });
    else if (entry?.state !== "done") done.push({ index, operation, saidBy: said?.by ?? null });
  }
  return { done, left, asked: null };
}

function answerTo(index: number, { answers = [] }: DeploymentSummary): GivenAnswer | undefined {
  return answers.findLast((given) => given.index === index && given.stands);
}

async function stateOf(
  operation: Operation,
  entry: JournaledOperation | undefined,
  deployment: DeploymentSummary,
  { observed, proven, executors, backups, context }: ResumeFacts,
): Promise<OperationState> {
  const { id, plan } = deployment;
  const { release } = plan;
  const journaled = entry?.state === "done" ? "done" : "not done";
  switch (operation.kind) {
    case "backup":
      return journaled;
    case "restore": {
      if (entry?.state !== "started" && entry?.state !== "failed") return journaled;
      const state = (await backups?.restoreState({ ...operation, deployment: id })) ?? "unknown";
      // Asked again it does nothing twice, and answers what it kept of what was there.
      return state === "done" ? "not done" : state;
    }
    case "maintenance":
      return maintenanceState(operation, entry, deployment, observed);
    case "migrate":
      return entry?.state === "started" || entry?.state === "failed"
        ? executors.migrationState(operation, context)
        : journaled;
    case "replace-replica": {
      const service = release.services.find(({ name }) => name === operation.service);
      const isCurrent = currentAmong(new Map([[release.version, release], ...proven]));
      const replaced = (slot: number) => {
        const inSlot = inSlots(observed, operation.service).filter(({ index }) => index === slot);
        const [only] = inSlot;
        if (inSlot.length !== 1 || only === undefined || service === undefined) return false;
        const serves = only.inRotation && only.state === "ready" && only.changedSecrets === undefined;
        return serves && isCurrent(service, only);
      };
      return [operation.index, ...(operation.also ?? [])].every(replaced) ? "done" : "not done";
    }
    case "remove-replica":
      return inSlots(observed, operation.service).some(({ index }) => index === operation.index)
        ? "not done"
        : "done";
    case "start-beside":
    case "set-weight":
    case "take-over":
    case "stop-beside":
      return besideState(operation, deployment, {
        observed,
        isCurrent: currentAmong(new Map([[release.version, release], ...proven])),
      });
    case "set-images": {
      if (entry === undefined) return "not done";
      const { images } = revisionOf(observed);
      if (operation.images.every(({ service, image }) => images[service] === image)) return "done";
      const untouched = operation.images.every(
        ({ service, replaces }) => (images[service] ?? null) === replaces,
      );
      // What was written and is not there any more was taken back by somebody.
      return untouched && journaled === "not done" ? "not done" : "unknown";
    }
    case "await-healthy":
      return journaled === "done" && revisionOf(observed).health === "healthy" ? "done" : "not done";
    case "analyse":
    case "check-dependencies":
    case "watch":
      // What it saw is for a person to judge; a watch that was cut off saw too little.
      return entry?.state === "in review" ? "unknown" : journaled;
    case "smoke":
    case "run-script":
    case "tag-images":
      return journaled;
    default:
      return unreachable(operation);
  }
}

/** What is off again was on before: it is not put on once more for what is left. */
function maintenanceState(
  { on }: Extract<Operation, { kind: "maintenance" }>,
  entry: JournaledOperation | undefined,
  { operations }: DeploymentSummary,
  { maintenance }: Observation,
): OperationState {
  const isOn = maintenance !== undefined && maintenance !== null;
  // What a person has put on since is not taken back.
  if (isOn && maintenance.by === byHand) return "done";
  if (!on) return entry !== undefined && !isOn ? "done" : "not done";
  const ended = operations.some(
    ({ operation, wayBack }) => operation.kind === "maintenance" && !operation.on && !wayBack,
  );
  return ended || isOn ? "done" : "not done";
}
