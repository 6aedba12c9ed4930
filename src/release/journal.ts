import type { MadeBackup } from "../model/backup.ts";
import type { Look } from "../model/metric.ts";
import type { Operation, Plan, PlanAction, Release } from "../model/plan.ts";

/** What a deployment writes into the ledger, in this order; other events are of no concern to what runs. */
export type DeploymentEventType =
  | "deployment-started"
  | "deployment-resumed"
  | "operation-started"
  | "operation-finished"
  | "operation-failed"
  | "operation-answered"
  | "analysis-looked"
  | "review-requested"
  | "deployment-going-back"
  | "deployment-interrupted"
  | "deployment-succeeded"
  | "deployment-failed"
  | "data-removal-started"
  | "environment-stopped";

/** What is written down beside: it says what people wait for or want, not what runs. */
export type NoteEventType =
  "deployment-held" | "deployment-not-begun" | "abort-requested" | "maintenance-changed";

const changingTypes = new Set<string>([
  "deployment-started",
  "deployment-succeeded",
  "deployment-failed",
  "data-removal-started",
  "environment-stopped",
] satisfies DeploymentEventType[]);

/** Whether an event changed what runs, or began to: a plan from before it is about another world. */
export function changesWhatRuns(type: string): boolean {
  return changingTypes.has(type);
}

/** The fields that the events' payloads have between them; which event has which is told by its type. */
export interface EventPayloads {
  readonly action: PlanAction;
  readonly release: Release;
  readonly planHash: string;
  readonly plan: Plan;
  readonly reason: string | null;
  readonly index: number;
  readonly wayBack: boolean;
  readonly operation: Operation;
  readonly observed?: string;
  readonly backup?: MadeBackup;
  /** What a person says of an operation of which nobody can tell whether it happened. */
  readonly answer: "done" | "not done";
  /** One look of an analysis, of the operation with this index. */
  readonly look?: Look;
  readonly message: string;
  readonly rolledBack: boolean;
}
