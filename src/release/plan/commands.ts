import type { Plan } from "../../model/plan.ts";
import { backupOfPlan } from "../backup/choice.ts";

export interface PlanCommands {
  /** Shows such a plan, and whether its gates are open. */
  readonly look: string;
  /** Makes a plan of the same kind. */
  readonly plan: string;
  /** Plans and applies at once. */
  readonly again: string;
  /** Applies the plan that was made, and no other. */
  readonly apply: string;
}

/** What to type for a plan of the same kind. */
export function commandsFor(plan: Plan, command: string): PlanCommands {
  const { environment } = plan;
  const planning = `${command} plan --env ${environment}`;
  const commands = (kind: string, again: string): PlanCommands => ({
    look: `${planning}${kind}`,
    plan: `${planning}${kind} ${toFile(command)}`,
    again,
    apply: `${again} --plan plan.json`,
  });
  if (plan.action === "rollback") {
    return commands(
      ` --rollback --to ${plan.release.version}`,
      `${command} rollback --env ${environment} --to ${plan.release.version}`,
    );
  }
  if (plan.action === "restore") {
    const backup = `--backup ${backupOfPlan(plan)}`;
    const restore = `${command} restore --env ${environment} ${backup} --reason "..." --confirm`;
    return commands(` ${backup}`, restore);
  }
  const from = promotedFrom(plan);
  return from === null
    ? commands("", `${command} deploy --env ${environment}`)
    : commands(` --from ${from}`, `${command} promote --from ${from} --to ${environment}`);
}

/** The environment that comes before, as far as the rules name one. */
export function promotedFrom({ gates }: Pick<Plan, "gates">): string | null {
  const promotion = gates.find(({ gate }) => gate === "promotion")?.asks as { after: string } | undefined;
  return promotion?.after ?? null;
}

/** The command line writes an answer to a file with --out; dagger has a flag of its own for that. */
function toFile(command: string): string {
  return command.startsWith("dagger ") ? "--format json --output plan.json" : "--out plan.json";
}
