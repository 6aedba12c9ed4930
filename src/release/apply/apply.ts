import type { Clock } from "../../model/clock.ts";
import type { Json } from "../../model/canonical-json.ts";
import type { Backups, MadeBackup } from "../../model/backup.ts";
import type { Lease, Ledger } from "../../model/ledger.ts";
import type { MetricSource } from "../../model/metric.ts";
import type { ImageTag, Operation, Plan, Release, Timeouts } from "../../model/plan.ts";
import type { DependencyProbe } from "../../model/dependency.ts";
import { failure, isFairwayError, unreachable } from "../../model/errors.ts";
import type { Progress, TaskProgress } from "../../model/progress.ts";
import type { HoldStanding } from "../../model/rollout.ts";
import { cannotMaintain } from "../gates/under-lease.ts";
import { analyse, analysisLines } from "../analysis/analysis.ts";
import { checkDependencies, reviewNeeded, watchRelease } from "../health/health.ts";
import type { DeploymentEventType } from "../journal.ts";
import type { OperationContext, OperationResult, Target } from "../../model/target.ts";
import { journaledLooks } from "./looks.ts";
import { standingOf } from "./standing.ts";
import { secondsFor, within } from "./time-limit.ts";
import { titleOf } from "./titles.ts";

export { titleOf } from "./titles.ts";

/** What became of an operation that began and whose end nobody wrote down. */
export type OperationState = "done" | "not done" | "unknown";

/** What carries out the operations that are not the target's. */
export interface Executors {
  migrate(
    operation: Extract<Operation, { kind: "migrate" }>,
    context: OperationContext,
  ): Promise<OperationResult>;
  /** Asks the database itself which of the migrations it has. */
  migrationState(
    operation: Extract<Operation, { kind: "migrate" }>,
    context: OperationContext,
  ): Promise<OperationState>;
  /** Runs a script of the release's commit; each time anew. */
  runScript(
    script: string,
    urls: Readonly<Record<string, string>>,
    context: OperationContext,
  ): Promise<OperationResult>;
  tagImage(tag: ImageTag): Promise<void>;
  /** Looks once at what the services need. */
  probeDependency: DependencyProbe;
}

export interface ApplyContext {
  readonly environment: string;
  readonly deployment: string;
  readonly actor: string;
  readonly ledger: Ledger;
  readonly lease: Lease;
  readonly target: Target;
  readonly executors: Executors;
  /** Absent where no backup is ever made. */
  readonly backups?: Backups | undefined;
  /** Where figures come from that are not the target's own, by name. @default none */
  readonly metrics?: ReadonlyMap<string, MetricSource>;
  readonly secrets: Readonly<Record<string, string>>;
  readonly progress: Progress;
  readonly clock: Clock;
  readonly signal: AbortSignal;
  readonly timeouts: Timeouts;
  /** What the operations are a part of. */
  readonly plan: Pick<Plan, "operations" | "from">;
  /** True for the operations that undo a failed deployment. */
  readonly wayBack: boolean;
}

/** One operation of a plan; after a crash some of them are done already, and the others keep their place. */
export interface PlacedOperation {
  /** Its place in the plan, from 0. */
  readonly index: number;
  readonly operation: Operation;
}

/**
 * Carries out operations in order, each journaled before and after. Stops at the first that fails, and between two
 * operations when the signal is aborted; both throw.
 */
export async function applyOperations(
  operations: readonly PlacedOperation[],
  release: Release,
  context: ApplyContext,
): Promise<void> {
  for (const placed of operations) {
    context.signal.throwIfAborted();
    await journaled(placed, release, context);
  }
}

/** Writes down that an operation is done which a process before this one began. */
export async function journalAsDone(
  { index, operation }: PlacedOperation,
  observed: string,
  context: Pick<ApplyContext, "ledger" | "environment" | "deployment" | "actor" | "lease" | "wayBack">,
): Promise<void> {
  await journal("operation-finished", { index, operation }, { observed }, context);
}

async function journal(
  type: DeploymentEventType,
  { index, operation }: PlacedOperation,
  fields: Record<string, Json>,
  { ledger, environment, deployment, actor, lease, wayBack }: Parameters<typeof journalAsDone>[2],
): Promise<void> {
  const payload = { index, wayBack, operation: operation as unknown as Json, ...fields };
  await ledger.append({ environment, deployment, type, actor, payload }, lease);
}

async function journaled(placed: PlacedOperation, release: Release, context: ApplyContext): Promise<void> {
  const { index, operation } = placed;
  const { wayBack } = context;
  await journal("operation-started", placed, {}, context);
  const { environment, clock, signal, timeouts } = context;
  const seconds = secondsFor(operation, release, timeouts);
  const title = titleOf(operation);
  let noted: Record<string, Json> = {};
  const note = (fields: Record<string, Json>) => {
    noted = { ...noted, ...fields };
  };
  let result: OperationResult & { readonly backup?: MadeBackup | null };
  try {
    result = await within({ seconds, what: title, environment, clock, signal }, (limited) =>
      context.progress.task(title, async (task) =>
        carriedOut(task, placed, release, context, {
          fencingToken: context.lease.fencingToken,
          operationId: `${context.deployment}/${wayBack ? "back-" : ""}${String(index)}/${String(context.lease.fencingToken)}`,
          secrets: context.secrets,
          signal: limited,
          report: (line) => {
            task.output(line);
          },
          note,
        }),
      ),
    );
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    const type = asksForReview(error) ? "review-requested" : "operation-failed";
    // The operation's own failure is what has to be told, also when it cannot be written down.
    if (!signal.aborted) await journal(type, placed, { message, ...noted }, context).catch(() => undefined);
    throw error;
  }
  const made = result.backup ?? null;
  if (made !== null) context.progress.note(result.observed);
  const fields = made === null ? {} : { backup: { ...made } };
  await journal("operation-finished", placed, { observed: result.observed, ...noted, ...fields }, context);
}

function asksForReview(error: unknown): boolean {
  return isFairwayError(error) && error.code === reviewNeeded;
}

type CarryingOut = OperationContext & {
  readonly note: (fields: Record<string, Json>) => void;
  readonly watched: (standing: HoldStanding) => void;
};
type CarriedOut = OperationResult & { readonly backup?: MadeBackup | null };

/** What waits for a person has not failed. */
async function carriedOut(
  task: TaskProgress,
  placed: PlacedOperation,
  release: Release,
  context: ApplyContext,
  carrying: Omit<CarryingOut, "watched">,
): Promise<CarriedOut> {
  const standing = context.wayBack ? null : standingOf(context.plan, placed.index);
  const tell = (hold: HoldStanding | null) => {
    if (standing !== null) task.rollout({ ...standing, hold });
  };
  tell(null);
  try {
    return await carryOut(placed, release, context, { ...carrying, watched: tell });
  } catch (error) {
    if (asksForReview(error)) task.outcome("held");
    throw error;
  }
}

async function carryOut(
  { index, operation }: PlacedOperation,
  release: Release,
  context: ApplyContext,
  { note, watched, ...operationContext }: CarryingOut,
): Promise<CarriedOut> {
  const { deployment } = context;
  switch (operation.kind) {
    case "backup":
      return backupsOf(context).make({ id: deployment, keep: operation.keep }, operationContext);
    case "restore":
      return backupsOf(context).restore({ ...operation, deployment }, operationContext);
    case "maintenance":
      return maintained(operation.on, context, operationContext);
    case "migrate":
      return context.executors.migrate(operation, operationContext);
    case "replace-replica":
    case "remove-replica":
    case "start-beside":
    case "set-weight":
    case "take-over":
    case "stop-beside":
    case "set-images":
    case "await-healthy":
      return context.target.apply(operation, release, operationContext);
    case "check-dependencies": {
      const { executors, clock } = context;
      return checkDependencies(operation, { ...operationContext, clock, probe: executors.probeDependency });
    }
    case "watch":
      return watchRelease(operation, release, {
        ...operationContext,
        clock: context.clock,
        target: context.target,
      });
    case "analyse":
      return analyse(operation, {
        ...operationContext,
        ...{ clock: context.clock, target: context.target, sources: context.metrics ?? new Map(), watched },
        ...(await journaledLooks({ index, limits: operation.limits.length }, context, operationContext)),
        record: (analysis) => {
          note({ analysis: analysis as unknown as Json });
          // A failure says by itself what was seen; of what was let pass people should see it as well.
          for (const line of analysis.ending === "pass" ? analysisLines(analysis) : []) {
            context.progress.note(line);
          }
        },
      });
    case "smoke":
      return context.target.smoke(operation.checks, operationContext, operation.side);
    case "run-script":
      return context.executors.runScript(operation.script, await context.target.urls(), operationContext);
    case "tag-images":
      return tagged(operation.tags, context.executors, operationContext.signal);
    default:
      return unreachable(operation);
  }
}

/** What was given up moves no further name: what they point to by then may have been gone back from. */
async function tagged(
  tags: readonly ImageTag[],
  executors: Executors,
  signal: AbortSignal,
): Promise<OperationResult> {
  for (const tag of tags) {
    signal.throwIfAborted();
    await executors.tagImage(tag);
  }
  return { observed: `${String(tags.length)} tags point to the images` };
}

/** A plan that was made where there were backups may be resumed where the config has none any more. */
function backupsOf({ backups, environment }: ApplyContext): Backups {
  if (backups !== undefined) return backups;
  throw failure(`${environment} has no backups any more`, {
    code: "BACKUP_UNAVAILABLE",
    place: `fairway.yaml environments.${environment}.backup`,
    remedy: "Give it the `backup` again that it had when the plan was made.",
  });
}

async function maintained(
  on: boolean,
  { target, environment }: ApplyContext,
  context: OperationContext,
): Promise<OperationResult> {
  if (target.maintain !== undefined) return target.maintain(on, context);
  throw cannotMaintain({ environment });
}
