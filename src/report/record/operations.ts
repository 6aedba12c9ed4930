import type { LedgerEvent } from "../../model/ledger.ts";
import type { Operation } from "../../model/plan.ts";
import type { RecordedAnswer, RecordedOperation, RecordedPlan, Validation } from "./change.ts";

interface OperationPayload {
  readonly index: number;
  readonly wayBack: boolean;
  readonly operation: Operation;
  readonly observed?: string;
  readonly message?: string;
}

/** Each attempt of each operation: one that was cut off and begun again is two. */
export function recordedOperations(events: readonly LedgerEvent[]): readonly RecordedOperation[] {
  const attempts: RecordedOperation[] = [];
  for (const event of events) {
    const payload = event.payload as unknown as OperationPayload;
    if (event.type === "operation-started") attempts.push(begun(payload, event.at));
    const state = ends[event.type];
    if (state === undefined) continue;
    const open = attempts.findLastIndex(
      ({ index, wayBack, endedAt }) =>
        index === payload.index && wayBack === payload.wayBack && endedAt === null,
    );
    const ended: RecordedOperation = {
      ...(attempts[open] ?? begun(payload, event.at)),
      state,
      endedAt: event.at,
      observed: payload.observed ?? payload.message ?? null,
    };
    if (open < 0) attempts.push(ended);
    else attempts[open] = ended;
  }
  return attempts;
}

const ends: Readonly<Partial<Record<string, RecordedOperation["state"]>>> = {
  "operation-finished": "done",
  "operation-failed": "failed",
  "review-requested": "in review",
};

/** What was said of an operation that could not be observed, and by whom. */
export function recordedAnswers(events: readonly LedgerEvent[]): readonly RecordedAnswer[] {
  return events
    .filter(({ type }) => type === "operation-answered")
    .map(({ payload, actor: who, at, sequence }) => {
      const { index, operation, answer } = payload as unknown as RecordedAnswer;
      return { index, operation, answer, who, at, sequence };
    });
}

function begun({ index, wayBack, operation }: OperationPayload, at: string): RecordedOperation {
  return {
    index,
    wayBack,
    operation,
    state: "cut off",
    startedAt: at,
    endedAt: null,
    observed: null,
  };
}

/** What the plan would prove the release by, and how that went. */
export function validationOf(
  { operations }: Pick<RecordedPlan, "operations">,
  attempts: readonly RecordedOperation[],
): readonly Validation[] {
  return operations.flatMap((operation, index): Validation[] => {
    // What was asked before anything changed says nothing of the release.
    if (operation.kind === "check-dependencies" && isAskedAgain(operations, index)) return [];
    const kind = validates[operation.kind];
    if (kind === undefined) return [];
    const attempt = attempts.findLast((one) => one.index === index && !one.wayBack);
    const state =
      attempt === undefined || attempt.state === "cut off"
        ? "not reached"
        : attempt.state === "done"
          ? "passed"
          : attempt.state === "in review"
            ? "in review"
            : "failed";
    const at = attempt?.endedAt ?? null;
    const observed = attempt?.observed ?? null;
    const checks = operation.kind === "smoke" ? operation.checks : [null];
    return checks.map((check) => ({ kind, index, check, state, at, observed }));
  });
}

function isAskedAgain(operations: readonly Operation[], index: number): boolean {
  return operations.slice(index + 1).some(({ kind }) => kind === "check-dependencies");
}

/** A replica is in rotation only when it is ready. */
const validates: Readonly<Partial<Record<string, Validation["kind"]>>> = {
  "replace-replica": "health",
  "start-beside": "health",
  "take-over": "health",
  "await-healthy": "health",
  "check-dependencies": "health",
  smoke: "smoke",
  "run-script": "smoke",
  watch: "health",
  analyse: "analysis",
};
