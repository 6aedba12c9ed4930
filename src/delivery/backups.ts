import type { File } from "@dagger.io/dagger";
import { restorable } from "../release/backup/choice.ts";
import { restore } from "../release/release.ts";
import { backupsJson, backupsText } from "../report/backups.ts";
import { outcomeJson, outcomeText } from "../report/outcome.ts";
import { answerOf, type OutputFormat } from "./answer.ts";
import { openRelease } from "./candidate.ts";
import type { Delivery } from "./delivery.ts";
import { emergencyOf, type Urgency } from "./emergency.ts";
import { givenPlan } from "./given-plan.ts";

export interface RestoreOptions extends Urgency {
  /** Its id; `""` for the newest. */
  readonly backup: string;
  readonly confirm: boolean;
  /** Only this plan is applied, as `plan --backup --out` wrote it. */
  readonly plan?: File | undefined;
}

/** Code and data of before. */
export async function restoreDatabase(
  delivery: Delivery,
  environment: string,
  options: RestoreOptions,
  format: OutputFormat,
): Promise<string> {
  const given = await givenPlan(options.plan, environment, "restore", delivery.command);
  const { context } = await openRelease(delivery, environment, {
    emergency: emergencyOf(options, given),
  });
  const { reason, backup, confirm } = options;
  const outcome = await restore(context, { reason, backup, confirm, given });
  return answerOf(format, outcomeText(outcome), outcomeJson(outcome));
}

/** Those that can be restored. */
export async function backups(
  delivery: Delivery,
  environment: string,
  format: OutputFormat,
): Promise<string> {
  const { context, state } = await openRelease(delivery, environment, null);
  const kept = await restorable(state, context);
  const text = backupsText(kept, { now: delivery.clock.now(), environment, command: delivery.command });
  return answerOf(format, text, backupsJson(kept));
}
