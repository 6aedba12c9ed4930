import type { LedgerEvent } from "../model/ledger.ts";
import type { Plan } from "../model/plan.ts";
import type { GateJudgement } from "../release/gates/judge.ts";
import type { EnvironmentState } from "../release/state.ts";

/** A plan that somebody wanted to apply, and that its gates held. */
export interface Waiting {
  readonly version: string;
  readonly planHash: string;
  readonly since: string;
  readonly actor: string;
  /** As they were then: `plan` says how they are now. */
  readonly closed: readonly Pick<GateJudgement, "gate" | "says" | "until">[];
}

/** The last plan that was held, while it still is about the environment as it is; null where none is. */
export function waitingIn(
  { lastChange }: Pick<EnvironmentState, "lastChange">,
  events: readonly LedgerEvent[],
): Waiting | null {
  const event = events.findLast(({ type }) => type === "deployment-held");
  if (event === undefined || event.sequence < (lastChange?.sequence ?? 0)) return null;
  const { plan, planHash, gates } = event.payload as unknown as {
    plan: Plan;
    planHash: string;
    gates: readonly GateJudgement[];
  };
  return {
    version: plan.release.version,
    planHash,
    since: event.at,
    actor: event.actor,
    closed: gates
      .filter(({ state }) => state === "held" || state === "refused")
      .map(({ gate, says, until }) => ({ gate, says, until })),
  };
}
