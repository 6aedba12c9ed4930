import { exitCodes, FairwayError, held, isFairwayError } from "../model/errors.ts";
import type { LedgerEvent } from "../model/ledger.ts";
import type { Plan } from "../model/plan.ts";
import { howToSign, keyStanding, type ApprovalStatement } from "../release/gates/approvals/approvals.ts";
import { judgePlan, ungated } from "../release/gates/gating.ts";
import { policyHash, type PolicyInForce } from "../release/gates/policy.ts";
import { approvalsAskedOf } from "../release/gates/requirements.ts";
import { requireNothingSince } from "../release/plan/same-plan.ts";
import { environmentState } from "../release/state.ts";
import type { Delivery } from "./delivery.ts";
import { policyInForce } from "./gating.ts";

/** What is known of an approval that is about to be written down. */
export interface Submitted {
  readonly statement: ApprovalStatement;
  /** `SHA256:...` of the key that signed. */
  readonly fingerprint: string;
  /** The plan that was signed, where it is at hand. */
  readonly plan: Plan | null;
}

/**
 * Refuses what can never count: an approval of a plan that is over, or by a key that those who count for it do not have.
 * @returns what may keep it from counting all the same, for people; null where nothing is known that does
 * @throws FairwayError PLAN_STALE (exit 3), APPROVAL_REFUSED (exit 2)
 */
export async function requireStanding(
  delivery: Delivery,
  { statement, fingerprint, plan }: Submitted,
  events: readonly LedgerEvent[],
): Promise<string | null> {
  const { environment, planHash } = statement;
  const state = environmentState(environment, events);
  const told = { place: "the plan", end: "Nothing was written." };
  if (plan !== null) requireNothingSince(plan, state, delivery.command, told);
  requireNotApplied(events, statement, delivery.command);
  const inForce = await inForceOf(delivery, state);
  if (typeof inForce === "string") return `whether its key is one that counts is not known: ${inForce}`;
  const asked = approvalsAskedOf(inForce.policy, plan?.emergency ?? null);
  if (asked === null) return `the rules of ${environment} ask nobody to approve`;
  // A first deploy brings its own rules: those of this checkout may be others.
  const isKnown = plan === null ? inForce.commit !== null : policyHash(inForce) === plan.policy.hash;
  const { signers } = inForce;
  const moments = [delivery.clock.now()];
  const why =
    signers === null
      ? `nobody can approve: ${asked.signers} is not there. ${howToSign}`
      : refusalOf(keyStanding(signers, fingerprint, moments));
  if (why === null) return null;
  if (!isKnown)
    return `${why}; that is the file of this checkout, and the one of the commit that is deployed counts`;
  throw new FairwayError(
    `this would never count for plan ${planHash.slice(0, 19)}: ${why}. Nothing was written.`,
    {
      code: "APPROVAL_REFUSED",
      exitCode: exitCodes.usage,
      place: inForce.commit === null ? asked.signers : `${asked.signers}@${inForce.commit.slice(0, 7)}`,
      remedy:
        "Sign with a key that is there (--key); or bring the key into the file by a commit that is proven in " +
        `${environment}, and approve a plan from after that.`,
    },
  );
}

/** Why an approval that stands in the ledger does not count as it is now; null where it does, or nobody can tell. */
export async function ignoredBecause(
  delivery: Delivery,
  { plan, statement }: Submitted,
  events: readonly LedgerEvent[],
): Promise<string | null> {
  if (plan === null) return null;
  const inForce = await inForceOf(delivery, environmentState(statement.environment, events));
  if (typeof inForce === "string" || policyHash(inForce) !== plan.policy.hash) return null;
  const facts = { events, now: delivery.clock.now() };
  const gates = await judgePlan(plan, statement.planHash, { ...ungated, inForce }, facts);
  const last = events.at(-1)?.sequence;
  const ignored = gates.flatMap(({ approvals }) => approvals?.ignored ?? []);
  return ignored.find(({ sequence }) => sequence === last)?.why ?? null;
}

/** The plan that was signed, where nobody brought it along: one that was held stands in the ledger. */
export function heldPlan(events: readonly LedgerEvent[], planHash: string): Plan | null {
  const payloads = events
    .filter(({ type }) => type === "deployment-held")
    .map(({ payload }) => payload as unknown as { readonly planHash: string; readonly plan: Plan });
  return payloads.find((payload) => payload.planHash === planHash)?.plan ?? null;
}

/** An approval is good for one start. */
function requireNotApplied(
  events: readonly LedgerEvent[],
  { planHash, environment }: ApprovalStatement,
  command: string,
): void {
  const started = events.find(
    ({ type, payload }) =>
      type === "deployment-started" && (payload as { planHash: string }).planHash === planHash,
  );
  if (started === undefined) return;
  throw held(`the plan is over: ${started.deployment ?? ""} has applied it. Nothing was written.`, {
    code: "PLAN_STALE",
    remedy: `Look at what would be done now, and have that approved:\n${command} plan --env ${environment}`,
  });
}

/** Or why they cannot be read, in one sentence. */
async function inForceOf(
  delivery: Delivery,
  state: ReturnType<typeof environmentState>,
): Promise<PolicyInForce | string> {
  try {
    return await policyInForce(delivery, state);
  } catch (error) {
    if (isFairwayError(error)) return error.message;
    throw error;
  }
}

function refusalOf(standing: ReturnType<typeof keyStanding>): string | null {
  return standing.ok ? null : standing.why;
}
