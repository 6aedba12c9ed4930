import { type LockMode, lockModes } from "../lock-modes.ts";
import type { Estimate } from "./extrapolate.ts";
import { type Forecast, faredOn } from "./forecast.ts";
import type { MeasuredLocks, MeasuredStatement } from "./measured.ts";

/** Milliseconds that several statements take together. */
export type Span =
  | { readonly verdict: "range"; readonly low: number; readonly high: number }
  /** Nobody waits. */
  | { readonly verdict: "none" }
  /** It takes `low` at least, by what is known of the others. */
  | { readonly verdict: "insufficient"; readonly low: number; readonly reason: string };

/** Statements of a file that are sent at once, as Prisma does: what one of them locks is held until the last one has ended. */
export interface TransactionForecast {
  readonly migration: string;
  readonly path: string;
  /** Which of the file's transactions; from 0. */
  readonly nth: number;
  /** Lines of its statements, in order. */
  readonly lines: readonly number[];
  readonly durationMs: Span;
  /** Those that keep somebody waiting or may do so, one for each table; in the order in which they begin to. */
  readonly held: readonly HeldLock[];
}

/** How long readers and writers of one table wait at the longest, from the statement that keeps them out to the commit. */
export interface HeldLock {
  /** As the earlier migrations name it. */
  readonly table: string;
  /** The strongest on it; null where the table has another name by then. */
  readonly mode: LockMode | null;
  /** Of the statement from which on somebody waits. */
  readonly line: number;
  readonly readsWaitMs: Span;
  readonly writesWaitMs: Span;
}

/** @param forecasts one for each measured statement, in order */
export function forecastTransactions(
  { statements }: Pick<MeasuredLocks, "statements">,
  forecasts: readonly Forecast[],
): TransactionForecast[] {
  const groups = new Map<string, Step[]>();
  for (const [at, statement] of statements.entries()) {
    const forecast = forecasts[at];
    if (forecast === undefined) continue;
    const key = JSON.stringify([statement.path, statement.nth]);
    groups.set(key, [...(groups.get(key) ?? []), { statement, forecast }]);
  }
  return [...groups.values()].map(transactionOf);
}

interface Step {
  readonly statement: MeasuredStatement;
  readonly forecast: Forecast;
}

function transactionOf(steps: readonly Step[]): TransactionForecast {
  const [first] = steps;
  if (first === undefined) throw new Error("a transaction has no statements");
  const tables = [...new Set(steps.flatMap(({ statement }) => statement.tables))];
  const held = tables
    .map((table) => heldLock(table, steps))
    .filter(({ readsWaitMs, writesWaitMs }) => ![readsWaitMs, writesWaitMs].every(isNone))
    .sort((a, b) => a.line - b.line);
  return {
    migration: first.statement.migration,
    path: first.statement.path,
    nth: first.statement.nth,
    lines: steps.map(({ statement }) => statement.line),
    durationMs: sumOf(steps, steps),
    held,
  };
}

function heldLock(table: string, steps: readonly Step[]): HeldLock {
  const modes = steps.flatMap(({ statement }) =>
    statement.locks.flatMap((lock) => (lock.relation === table ? [lock.mode] : [])),
  );
  const waits = steps.filter(({ statement }) =>
    (["reads", "writes"] as const).some((who) => !isFree(statement, table, who)),
  );
  return {
    table,
    mode: lockModes.findLast((mode) => modes.includes(mode)) ?? null,
    line: (waits[0] ?? steps[0])?.statement.line ?? 1,
    readsWaitMs: waitFor(table, "reads", steps),
    writesWaitMs: waitFor(table, "writes", steps),
  };
}

function isFree(statement: MeasuredStatement, table: string, who: "reads" | "writes"): boolean {
  return !statement.tables.includes(table) || faredOn(statement, table, who) === "free";
}

/** Who comes as the first statement that keeps him out begins waits for it and for all those after it. */
function waitFor(table: string, who: "reads" | "writes", steps: readonly Step[]): Span {
  const single = steps.length === 1 ? steps[0] : undefined;
  const from = steps.findIndex(
    ({ statement }) => statement.tables.includes(table) && faredOn(statement, table, who) === "waits",
  );
  const held = from < 0 ? [] : steps.slice(from);
  const sum: Span = from < 0 ? { verdict: "none" } : sumOf(held, steps);
  const doubt = (from < 0 ? steps : steps.slice(0, from)).find((step) => isDoubtful(step, table, who));
  if (doubt === undefined) return sum;
  const own = doubt.forecast[who === "reads" ? "readsWaitMs" : "writesWaitMs"];
  const why = own.verdict === "insufficient" ? own.reason : "who waits for it is not known";
  return {
    verdict: "insufficient",
    low: sum.verdict === "none" ? 0 : sum.low,
    reason: single === undefined ? `line ${String(doubt.statement.line)}: ${why}` : why,
  };
}

/** It may keep somebody waiting, and how long was not seen. */
function isDoubtful({ statement }: Step, table: string, who: "reads" | "writes"): boolean {
  // What failed has locks that nobody knows.
  if (statement.problem !== null && statement.tables.length === 0) return true;
  if (!statement.tables.includes(table)) return false;
  const fared = faredOn(statement, table, who);
  return fared === "unknown" || fared === "briefly";
}

function sumOf(some: readonly Step[], all: readonly Step[]): Span {
  const known = some.flatMap(({ forecast: { durationMs } }) =>
    durationMs.verdict === "range" ? [durationMs] : [],
  );
  const low = some.reduce((sum, { forecast: { durationMs } }) => sum + leastOf(durationMs), 0);
  const reason = reasonAgainst(some, all);
  if (reason !== null) return { verdict: "insufficient", low, reason };
  return { verdict: "range", low, high: known.reduce((sum, each) => sum + each.high, 0) };
}

/** What an estimate is at least. */
export function leastOf(estimate: Estimate): number {
  return estimate.verdict === "none" ? 0 : (estimate.low ?? 0);
}

function reasonAgainst(some: readonly Step[], all: readonly Step[]): string | null {
  const alone = all.find(({ statement }) => !statement.transaction);
  if (alone !== undefined && all.length > 1)
    return `line ${String(alone.statement.line)}: PostgreSQL refuses it in one transaction with others`;
  for (const { statement, forecast } of some) {
    if (forecast.durationMs.verdict !== "insufficient") continue;
    const { reason } = forecast.durationMs;
    return some.length === 1 ? reason : `line ${String(statement.line)}: ${reason}`;
  }
  return null;
}

function isNone({ verdict }: Span): boolean {
  return verdict === "none";
}
