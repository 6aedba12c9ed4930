import { usageError } from "../model/errors.ts";
import type { Emergency } from "../release/gates/requirements.ts";

/** How a call says that it cannot wait. */
export interface Urgency {
  readonly emergency: boolean;
  readonly reason: string;
  readonly ticket: string;
}

/** @throws FairwayError EMERGENCY_INCOMPLETE (exit 2): what is passed by is followed up, so it needs a reason and a place */
export function emergencyOf({ emergency, reason, ticket }: Urgency): Emergency | null {
  if (!emergency) return null;
  if (reason.trim() !== "" && ticket.trim() !== "") return { reason, ticket };
  throw usageError("an emergency has a reason and a ticket", {
    code: "EMERGENCY_INCOMPLETE",
    place: reason.trim() === "" ? "--reason" : "--ticket",
    remedy: 'Say both:\n--emergency --reason "Service outage" --ticket INC-42',
  });
}
