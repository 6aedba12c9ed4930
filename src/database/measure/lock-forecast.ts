import type { Evidence } from "../../model/evidence.ts";
import { type Forecast, forecastLocks, type RealSizes } from "./forecast.ts";
import type { MeasuredLocks } from "./measured.ts";
import { heldText, reasonsOf } from "./text.ts";
import { forecastTransactions, type HeldLock, type Span, type TransactionForecast } from "./transactions.ts";
import { durationText } from "./units.ts";

/** What was measured, and what follows from it for the real tables: plain data, which may be kept as JSON. */
export interface LockForecast {
  readonly measured: MeasuredLocks;
  readonly sizes: RealSizes;
  /** One for each measured statement, in order. */
  readonly statements: readonly Forecast[];
  readonly transactions: readonly TransactionForecast[];
  /** Null where nobody set one: then it informs, and nothing is held by it. */
  readonly limitSeconds: number | null;
}

export function lockForecast(
  measured: MeasuredLocks,
  sizes: RealSizes,
  limitSeconds: number | null,
): LockForecast {
  const statements = forecastLocks(measured, sizes);
  const transactions = forecastTransactions(measured, statements);
  return { measured, sizes, statements, transactions, limitSeconds };
}

/** How one lock stands to the limit: `over` for certain, or as far as it is known. */
export function againstLimit(
  { readsWaitMs, writesWaitMs }: HeldLock,
  limitMs: number,
): "over" | "may be" | "within" {
  const spans: readonly Span[] = [readsWaitMs, writesWaitMs];
  if (spans.some((span) => span.verdict !== "none" && span.low > limitMs)) return "over";
  const mayBe = (span: Span) =>
    span.verdict === "insufficient" || (span.verdict === "range" && span.high > limitMs);
  return spans.some(mayBe) ? "may be" : "within";
}

/**
 * Named `locks`: fail where a lock will keep somebody waiting for longer than the limit, insufficient where it may.
 * Null where there is no limit: what was measured is told, and decides nothing.
 */
export function locksEvidence(
  { transactions, limitSeconds, measured }: LockForecast,
  repeat: string,
): Evidence | null {
  if (limitSeconds === null) return null;
  const limitMs = limitSeconds * 1000;
  const limit = `the limit of ${durationText(limitMs)}`;
  const of = (standing: ReturnType<typeof againstLimit>) =>
    transactions.flatMap(({ path, held }) =>
      held.flatMap((lock) => (againstLimit(lock, limitMs) === standing ? [{ path, lock }] : [])),
    );
  const base = { name: "locks", durationMs: 0 };
  const details = (locks: ReturnType<typeof of>) =>
    locks
      .map(({ path, lock }) => {
        const reasons = reasonsOf([lock.readsWaitMs, lock.writesWaitMs]).map((reason) => `  ${reason}`);
        return [`${path}:${String(lock.line)}: ${heldText(lock)}`, ...reasons].join("\n");
      })
      .join("\n");
  const over = of("over");
  if (over.length > 0)
    return {
      ...{ ...base, verdict: "fail", repeat },
      summary: `${tablesOf(over)} will be locked for longer than ${limit}`,
      details: details(over),
    };
  const doubtful = of("may be");
  const unmeasured = measured.statements.filter(
    ({ problem, tables }) => problem !== null && tables.length === 0,
  );
  if (doubtful.length > 0 || unmeasured.length > 0)
    return {
      ...{ ...base, verdict: "insufficient" },
      summary:
        doubtful.length > 0
          ? `${tablesOf(doubtful)} may be locked for longer than ${limit}`
          : `what ${String(unmeasured.length)} of the statements lock is not known`,
      details: [
        details(doubtful),
        ...unmeasured.map(({ path, line, problem }) => `${path}:${String(line)}: ${problem ?? ""}`),
      ]
        .filter((text) => text !== "")
        .join("\n"),
      missing:
        "A person has to decide; or say how large the tables are (database.tables), or take what locks for less long.",
    };
  return { ...base, verdict: "pass", summary: `no lock is held for longer than ${limit}` };
}

function tablesOf(locks: readonly { readonly lock: HeldLock }[]): string {
  return [...new Set(locks.map(({ lock }) => lock.table))].join(", ");
}
