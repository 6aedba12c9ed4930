import type { File } from "@dagger.io/dagger";
import { usageError } from "../model/errors.ts";
import type { Plan } from "../model/plan.ts";
import { commandsFor } from "../release/plan/commands.ts";
import { readPlanFile } from "../release/plan/plan-file.ts";

/**
 * The plan that `--plan` names, for this environment and this command; undefined where none is named.
 * @throws FairwayError PLAN_UNREADABLE, PLAN_ALTERED, PLAN_ELSEWHERE (exit 2)
 */
export async function givenPlan(
  file: File | undefined,
  environment: string,
  action: Plan["action"],
  command: string,
): Promise<Plan | undefined> {
  if (file === undefined) return undefined;
  const plan = readPlanFile(await file.contents(), environment);
  if (plan.action === action) return plan;
  throw usageError(`the plan is of a ${plan.action}, not of a ${action}`, {
    code: "PLAN_ELSEWHERE",
    place: "--plan",
    remedy: commandsFor(plan, command).apply,
  });
}
