import { isFairwayError, reworded } from "../../model/errors.ts";
import type { DeploymentSummary } from "../state.ts";
import { journalAsDone } from "./apply.ts";
import { prepareTarget } from "./carry-out.ts";
import type { ReleaseContext, Run } from "./context.ts";
import { timedOutCode } from "./time-limit.ts";

/**
 * A migration that was given up may have come to its end all the same, or be at work still: the database is asked before
 * anything else is done, and what it says is written down and told.
 */
export async function withLateMigration(
  error: unknown,
  soFar: DeploymentSummary | undefined,
  context: ReleaseContext,
  run: Run,
): Promise<unknown> {
  if (!isFairwayError(error) || error.code !== timedOutCode) return error;
  const begun = soFar?.operations.findLast(({ wayBack }) => !wayBack);
  if (begun?.operation.kind !== "migrate" || begun.state === "done") return error;
  const { index, operation } = begun;
  const state = await prepareTarget(context, run)
    .then((asking) => context.executors.migrationState(operation, asking))
    .catch(() => "unknown" as const);
  if (state === "done") {
    const observed = "found done after it was given up";
    await journalAsDone({ index, operation }, observed, { ...context, ...run, wayBack: false });
  }
  const says =
    state === "done"
      ? "The database has it all the same."
      : "It may be at work still: look at the database before the next deploy.";
  return reworded(error, { message: `${error.message}. ${says}` });
}
