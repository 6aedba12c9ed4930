import { exitCodes, isFairwayError, type FairwayError } from "../../model/errors.ts";
import type { ImageChange, Operation, Plan } from "../../model/plan.ts";
import { byHand, type Target } from "../../model/target.ts";
import { currentAmong } from "../plan/plan.ts";
import { rollOut } from "../strategies/strategies.ts";
import { begunRestore, dataIsOlder } from "../backup/restoring.ts";
import type { EventPayloads } from "../journal.ts";
import { onlyLooked } from "../only-looked.ts";
import { environmentState, type DeploymentSummary } from "../state.ts";
import { append, type Held, type ReleaseContext, type Run } from "./context.ts";
import { carryOut, prepareTarget } from "./carry-out.ts";
import {
  interrupted,
  messageOf,
  nothingChanged,
  onlyForward,
  wayBackFailed,
  wayBackUnknown,
  wentBack,
  withRestore,
} from "./endings.ts";
import { withLateMigration } from "./late-migration.ts";
import { isRestoreUnknown, settleRestore } from "./restore-begun.ts";

/** After a failure: returns to what was live, journaled too, and answers the error that says what is live now. */
export async function goBack(thrown: unknown, context: ReleaseContext, run: Run): Promise<FairwayError> {
  const { plan, lease, deployment, signal } = run;
  const stopped = () => signal.aborted;
  const cutOff = async () => {
    // An orderly end is written down at once; after a kill -9, or a lost lease, nobody can.
    const message = `interrupted: ${messageOf(thrown)}`;
    await append(context, lease, deployment, "deployment-interrupted", { message }).catch(() => undefined);
    return interrupted(thrown, plan, context);
  };
  if (stopped()) return cutOff();
  // Without the ledger there is no way back either: that is told below.
  const soFar = await soFarOf(context, deployment).catch(() => undefined);
  const error = await withLateMigration(thrown, soFar, context, run);
  const failed = async (message: string, rolledBack: boolean) => {
    try {
      await append(context, lease, deployment, "deployment-failed", { message, rolledBack });
    } catch (ledgerError) {
      context.progress.note(`the ledger could not be written: ${messageOf(ledgerError)}`);
    }
  };
  try {
    const restored = soFar === undefined ? undefined : await afterRestore(soFar, context, run);
    if (restored === "unknown" || (restored !== undefined && dataIsOlder(restored))) {
      await failed(messageOf(error), false);
      return restored === "unknown"
        ? wayBackUnknown(error, plan, context)
        : onlyForward(error, restored, context);
    }
    const undo = (await leavesAllAsItIs(error, context, run))
      ? []
      : await stepsBack(plan, context, run.proven);
    const back = [...undo, ...(await letVisitorsIn(context.target))];
    const title = plan.from === null ? "take down what was started" : `go back to ${plan.from.version}`;
    if (back.length > 0) {
      await append(context, lease, deployment, "deployment-going-back", { message: messageOf(error) });
      const placed = back.map((operation, index) => ({ index, operation }));
      await context.progress.task(title, async (progress) =>
        carryOut(placed, plan.from ?? plan.release, { ...context, progress }, { ...run, wayBack: true }),
      );
    }
    await failed(messageOf(error), true);
    const begun = (soFar?.operations.length ?? 0) > 0;
    if (isFairwayError(error) && begun && undo.length === 0 && onlyLooked(await begunBy(context, run)))
      return nothingChanged(error);
    if (isFairwayError(error) && isOfDependency(error)) return wentBack(error, plan, context);
    // Held for a person (a migration that failed before), and nothing had to be undone: it stays a hold.
    if (undo.length === 0 && isFairwayError(error) && error.exitCode === exitCodes.held) {
      return withRestore(error, soFar, context);
    }
    return withRestore(wentBack(error, plan, context), soFar, context);
  } catch (backError) {
    if (stopped()) return await cutOff();
    await failed(`${messageOf(error)}; the way back failed too: ${messageOf(backError)}`, false);
    return withRestore(wayBackFailed(error, backError, context), soFar, context);
  }
}

/** What is known once the target has ended what it was at; `unknown` where nobody can tell whether a restore happened. */
async function afterRestore(
  soFar: DeploymentSummary,
  context: ReleaseContext,
  run: Run,
): Promise<DeploymentSummary | "unknown"> {
  if (begunRestore(soFar) === undefined) return soFar;
  await prepareTarget(context, run);
  if (await isRestoreUnknown(soFar, context)) return "unknown";
  if (!(await settleRestore(soFar, context, run))) return soFar;
  return (await soFarOf(context, run.deployment)) ?? soFar;
}

/** What a deployment has put on goes off with it; what a person has put on does not. */
async function letVisitorsIn(target: Target): Promise<Operation[]> {
  if (target.maintain === undefined) return [];
  const { maintenance } = await target.observe();
  const isOurs = maintenance !== undefined && maintenance !== null && maintenance.by !== byHand;
  return isOurs ? [{ kind: "maintenance", on: false }] : [];
}

async function soFarOf(
  { ledger, environment }: ReleaseContext,
  deployment: string,
): Promise<DeploymentSummary | undefined> {
  const events = await ledger.read({ environment, deployment });
  return environmentState(environment, events).deployments.find(({ id }) => id === deployment);
}

/**
 * What somebody else has set in the meantime is not ours to set back; and a target that rolls out by itself, and was told
 * nothing yet, has nothing to go back from.
 */
async function leavesAllAsItIs(error: unknown, context: ReleaseContext, run: Run): Promise<boolean> {
  if (isFairwayError(error) && error.code === "TARGET_CHANGED") return true;
  if (context.target.rollout !== "as a whole") return false;
  return (await begunBy(context, run)).every(({ operation }) => comesFirst.has(operation.kind));
}

/** What proves a release comes after what a deployment before this one may have told the target: it is gone back from. */
const comesFirst: ReadonlySet<Operation["kind"]> = new Set(["check-dependencies", "backup", "maintenance"]);

function isOfDependency({ code }: FairwayError): boolean {
  return code === "DEPENDENCY_FAILED" || code === "DEPENDENCY_UNKNOWN";
}

async function begunBy(
  { ledger, environment }: ReleaseContext,
  { deployment }: Run,
): Promise<readonly EventPayloads[]> {
  const started = await ledger.read({ environment, deployment, types: ["operation-started"] });
  return started.map(({ payload }) => payload as unknown as EventPayloads);
}

/** From what runs now, not from what the plan foresaw. */
async function stepsBack(
  plan: Plan,
  { target }: Pick<ReleaseContext, "target">,
  proven: Held["proven"],
): Promise<Operation[]> {
  const observed = await target.observe();
  const { rollout } = target;
  if (plan.from !== null) {
    return rollOut({ release: plan.from, observed, rollout, isCurrent: currentAmong(proven) });
  }
  if (rollout === "as a whole") return asItWas(plan);
  return rollOut({
    release: { ...plan.release, services: [] },
    observed,
    rollout,
    isCurrent: () => false,
  });
}

/** Before the first release something may have been there that is not ours: it is put back. */
function asItWas({ operations, release }: Plan): Operation[] {
  const images = operations
    .flatMap((operation) => (operation.kind === "set-images" ? operation.images : []))
    .flatMap(({ service, image, replaces }): ImageChange[] =>
      replaces === null ? [] : [{ service, image: replaces, replaces: image }],
    );
  return images.length === 0
    ? []
    : [{ kind: "set-images", version: `what was there before ${release.version}`, images }];
}
