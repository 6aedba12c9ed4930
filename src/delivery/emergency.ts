import { usageError } from "../model/errors.ts";
import type { Plan } from "../model/plan.ts";
import { emergencyFlags } from "../release/plan/commands.ts";
import type { Emergency } from "../release/gates/requirements.ts";

/** How a call says that it cannot wait. */
export interface Urgency {
  readonly emergency: boolean;
  readonly reason: string;
  readonly ticket: string;
}

/**
 * What the call says, or else the plan that it is given.
 * @throws FairwayError EMERGENCY_INCOMPLETE (exit 2): what is passed by is followed up, so it needs a reason and a place
 */
export function emergencyOf(urgency: Urgency, given?: Pick<Plan, "emergency">): Emergency | null {
  if (urgency.emergency) return complete(urgency);
  const planned = given?.emergency ?? null;
  return planned === null ? null : complete(planned);
}

/** What was typed, to be typed again: the plan that was given, or else that it cannot wait. */
export function againFor(command: string, given: Plan | undefined, emergency: Emergency | null): string {
  return given === undefined ? `${command}${emergencyFlags(emergency)}` : `${command} --plan plan.json`;
}

function complete({ reason, ticket }: Emergency): Emergency {
  if (reason.trim() !== "" && ticket.trim() !== "") return { reason, ticket };
  throw usageError("an emergency has a reason and a ticket", {
    code: "EMERGENCY_INCOMPLETE",
    place: reason.trim() === "" ? "--reason" : "--ticket",
    remedy: 'Say both:\n--emergency --reason "Service outage" --ticket INC-42',
  });
}
