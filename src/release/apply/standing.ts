import type { Operation, Plan } from "../../model/plan.ts";
import type { RolloutStanding } from "../../model/rollout.ts";

/** Where a plan stands that takes visitors from one version to another; null for what comes before and after that. */
export function standingOf(
  { operations, from }: Pick<Plan, "operations" | "from">,
  index: number,
): Omit<RolloutStanding, "hold"> | null {
  const begins = operations.findIndex(({ kind }) => kind === "start-beside");
  const ends = operations.findLastIndex(({ kind }) => kind === "take-over");
  const isWithin = begins !== -1 && begins <= index && index <= ends && operations.some(givesVisitors);
  return isWithin ? { operations, index, from: from?.version ?? null } : null;
}

function givesVisitors(operation: Operation): boolean {
  return operation.kind === "set-weight" && operation.percent > 0;
}
