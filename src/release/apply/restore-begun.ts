import { begunRestore } from "../backup/restoring.ts";
import type { DeploymentSummary } from "../state.ts";
import { carryOut } from "./carry-out.ts";
import type { ReleaseContext, Run } from "./context.ts";

/** Whether a restore has begun, and nobody who is asked can tell what the database is now. */
export async function isRestoreUnknown(
  deployment: DeploymentSummary,
  { backups }: Pick<ReleaseContext, "backups">,
): Promise<boolean> {
  const begun = begunRestore(deployment);
  if (begun === undefined) return false;
  return backups === undefined || (await backups.restoreState(begun.request)) === "unknown";
}

/**
 * Finds out about a restore whose end nobody wrote down: it may have come to its end after its caller did, and then no code
 * is started that expects the database of before.
 * @returns true when there was one, and it is written down now
 */
export async function settleRestore(
  deployment: DeploymentSummary,
  context: ReleaseContext,
  run: Run,
): Promise<boolean> {
  const begun = begunRestore(deployment);
  if (begun === undefined || (await context.backups?.restoreState(begun.request)) !== "done") return false;
  // Asked again it does nothing twice, and answers what it kept.
  await carryOut([begun.placed], run.plan.release, context, { ...run, wayBack: false });
  return true;
}
