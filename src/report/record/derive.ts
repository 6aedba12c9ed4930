import type { LedgerEvent } from "../../model/ledger.ts";
import type { Release } from "../../model/plan.ts";
import { approvalEventType, readApproval } from "../../release/gates/approvals/approvals.ts";
import type { ChangeOutcome, ChangeRecord, RecordedApproval, RecordedGate, RecordedPlan } from "./change.ts";
import { recordedAnswers, recordedOperations, validationOf } from "./operations.ts";
import { riskOf } from "./risk.ts";

/**
 * The record of a deployment, from the events of its ledger, or from those that a record holds: both give the same.
 * Null when none of them starts it.
 */
export function deriveRecord(
  events: readonly LedgerEvent[],
  change: string,
  firstHash: string,
): ChangeRecord | null {
  const started = events.find(
    ({ type, deployment }) => type === "deployment-started" && deployment === change,
  );
  if (started === undefined) return null;
  const { plan, planHash, reason, gates } = started.payload as unknown as Started;
  const own = events.filter(({ deployment }) => deployment === change);
  const approvals = events.filter((event) => isApprovalOf(event, started, planHash));
  const operations = recordedOperations(own);
  const answers = recordedAnswers(own);
  const back = own.findLast(({ type }) => type === "deployment-going-back");
  return {
    change,
    environment: started.environment,
    pipeline: plan.pipeline,
    action: plan.action,
    release: nameOf(plan.release),
    from: plan.from === null ? null : nameOf(plan.from),
    commits: plan.changes?.commits ?? [],
    commitsComplete: plan.changes?.complete ?? false,
    actor: started.actor,
    reason: reason === "" ? null : (reason ?? null),
    startedAt: started.at,
    ...endOf(own),
    risk: riskOf(plan),
    planHash,
    plan,
    gates: (gates ?? []).map(({ gate, state, says }) => ({ gate, state, says })),
    approvals: countedApprovals(gates ?? [], approvals),
    emergency: emergencyOf(plan),
    operations,
    ...(answers.length === 0 ? {} : { answers }),
    validation: validationOf(plan, operations),
    wayBack: {
      planned: plan.wayBack.operations,
      impossible: plan.wayBack.impossible,
      taken: back !== undefined || operations.some(({ wayBack }) => wayBack),
      because: back === undefined ? null : messageOf(back),
    },
    ledger: { firstHash },
    events: [...approvals, ...own].toSorted((a, b) => a.sequence - b.sequence),
  };
}

/** What a start writes down. An older ledger may lack what was added since. */
interface Started {
  readonly plan: RecordedPlan;
  readonly planHash: string;
  readonly reason?: string | null;
  readonly gates?: readonly (RecordedGate & {
    readonly approvals?: { readonly counted: readonly Counted[] };
  })[];
}

interface Counted {
  readonly who: string;
  readonly when: string;
  readonly expiresAt: string;
  readonly fingerprint: string;
  readonly group: string | null;
  readonly reason: string | null;
  readonly sequence: number;
}

function isApprovalOf(event: LedgerEvent, started: LedgerEvent, planHash: string): boolean {
  if (event.type !== approvalEventType || event.sequence > started.sequence) return false;
  const reading = readApproval(event.payload);
  return reading.ok && reading.statement.planHash === planHash;
}

function countedApprovals(
  gates: NonNullable<Started["gates"]>,
  events: readonly LedgerEvent[],
): readonly RecordedApproval[] {
  return gates
    .flatMap(({ approvals }) => approvals?.counted ?? [])
    .map(({ who, when, expiresAt, fingerprint, group, reason, sequence }) => {
      const reading = readApproval(events.find((event) => event.sequence === sequence)?.payload);
      const { statement = null, signature = null } = reading.ok ? reading.envelope : {};
      return { who, group, at: when, expiresAt, fingerprint, reason, sequence, statement, signature };
    });
}

function emergencyOf({ emergency, gates = [] }: RecordedPlan): ChangeRecord["emergency"] {
  if (!emergency) return null;
  const { reason, ticket } = emergency;
  return {
    reason,
    ticket,
    passedBy: gates.filter(({ skipped }) => skipped === true).map(({ gate }) => gate),
  };
}

/** Of several ends (a deployment may be resumed) the last counts. */
function endOf(own: readonly LedgerEvent[]): Pick<ChangeRecord, "outcome" | "endedAt" | "message"> {
  const last = own.findLast(({ type }) => Object.hasOwn(ends, type) || type === "deployment-resumed");
  const end = last === undefined ? undefined : ends[last.type];
  if (last === undefined || end === undefined) return { outcome: "not ended", endedAt: null, message: null };
  return { outcome: end(last), endedAt: last.at, message: messageOf(last) };
}

const ends: Readonly<Record<string, (event: LedgerEvent) => ChangeOutcome>> = {
  "deployment-succeeded": () => "succeeded",
  "deployment-interrupted": () => "interrupted",
  "review-requested": () => "in review",
  "deployment-failed": ({ payload }) =>
    (payload as { rolledBack?: unknown }).rolledBack === true ? "rolled back" : "failed",
};

function messageOf({ payload }: LedgerEvent): string | null {
  const { message } = payload as { message?: unknown };
  return typeof message === "string" ? message : null;
}

function nameOf({ version, commit, branch }: Release): ChangeRecord["release"] {
  return { version, commit, branch };
}
