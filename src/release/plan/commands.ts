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

/**
 * What to type for a plan of the same kind.
 * @param isPromoted whether it is of a release that is live in the environment before; a plan whose promotion an emergency
 * passes by does not tell
 */
export function commandsFor(plan: Plan, command: string, isPromoted = true): PlanCommands {
  const { environment, emergency } = plan;
  const planning = `${command} plan --env ${environment}`;
  const urgent = emergencyFlags(emergency);
  const commands = (kind: string, again: string, because = ""): PlanCommands => ({
    look: `${planning}${kind}${urgent}`,
    plan: `${planning}${kind}${urgent} ${toFile(command)}`,
    again: `${again}${urgent === "" ? because : urgent}`,
    // The plan itself says that it cannot wait.
    apply: `${again}${because} --plan plan.json`,
  });
  if (plan.action === "rollback") {
    return commands(
      ` --rollback --to ${plan.release.version}`,
      `${command} rollback --env ${environment} --to ${plan.release.version}`,
    );
  }
  if (plan.action === "restore") {
    const backup = `--backup ${backupOfPlan(plan)}`;
    return commands(
      ` ${backup}`,
      `${command} restore --env ${environment} ${backup} --confirm`,
      ` --reason "..."`,
    );
  }
  const from = promotedFrom(plan, isPromoted);
  return from === null
    ? commands("", `${command} deploy --env ${environment}`)
    : commands(` --from ${from}`, `${command} promote --from ${from} --to ${environment}`);
}

/** ` --emergency --reason 'Service outage' --ticket INC-42`, as a shell reads it; nothing where it is none. */
export function emergencyFlags(emergency: Plan["emergency"]): string {
  if (emergency === null) return "";
  return ` --emergency --reason ${shellWord(emergency.reason)} --ticket ${shellWord(emergency.ticket)}`;
}

function shellWord(text: string): string {
  return /^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;
}

/** The environment that comes before, as far as the rules name one, and were not passed by. */
export function promotedFrom({ gates }: Pick<Plan, "gates">, isPromoted = true): string | null {
  const promotion = gates.find(({ gate }) => gate === "promotion");
  if (promotion === undefined || (promotion.skipped === true && !isPromoted)) return null;
  return (promotion.asks as { after: string }).after;
}

/** The command line writes an answer to a file with --out; dagger has a flag of its own for that. */
function toFile(command: string): string {
  return command.startsWith("dagger ") ? "--format json --output plan.json" : "--out plan.json";
}
