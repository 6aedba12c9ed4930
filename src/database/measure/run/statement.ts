import { setTimeout as sleep } from "node:timers/promises";
import type { StatementInput } from "../input.ts";
import type { Fared, Waited } from "../measured.ts";
import { messageOf, type Session } from "./connection.ts";
import type { Attempt, Probe } from "./probe.ts";
import { readLocks, readRelations, type Relation, type SeenLock } from "./relations.ts";

/** The session that migrates, and one that looks on. */
export interface Watch {
  readonly migrator: Session;
  readonly observer: Session;
  /** None in the runs that are for the durations. */
  readonly probes: readonly Probe[];
  /** Looks at the locks while the statement runs, too. */
  readonly sampling: boolean;
}

export interface StatementRun {
  readonly durationMs: number;
  readonly walBytes: number;
  readonly touchedRows: number | null;
  readonly locks: readonly SeenLock[];
  /** What was there before it, before its commit (as it sees it), and after it. */
  readonly before: ReadonlyMap<number, Relation>;
  readonly within: ReadonlyMap<number, Relation>;
  readonly after: ReadonlyMap<number, Relation>;
  readonly waits: readonly (Waited & { readonly fared: Fared })[];
  /** What PostgreSQL said where it refused it. */
  readonly problem: string | null;
}

/** Runs one statement in a transaction of its own where it may be in one, and looks at what it does. */
export async function runStatement(watch: Watch, statement: StatementInput): Promise<StatementRun> {
  const { migrator, observer, probes } = watch;
  const before = await readRelations(observer);
  const touchedBefore = statement.transaction ? 0 : await touchedEver(migrator);
  if (statement.transaction) await migrator.query("BEGIN");
  const touchedInSession = statement.transaction ? await touchedInTransaction(migrator) : 0;
  const walBefore = await walPosition(observer);
  const sampler = startSampling(watch);
  const start = performance.now();
  let problem: string | null = null;
  try {
    await migrator.query(statement.sql);
  } catch (error) {
    problem = messageOf(error);
  }
  const end = performance.now();
  const seen = await sampler.stop();
  const spans: Span[] = [{ start, end }];
  let touchedRows: number | null = null;
  let within = before;
  if (statement.transaction) {
    if (problem === null) {
      seen.push(...(await readLocks(observer, migrator.processId)));
      await proveProbes(watch, end);
      touchedRows = (await touchedInTransaction(migrator)) - touchedInSession;
      within = await readRelations(migrator);
    }
    const commit = performance.now();
    try {
      await migrator.query(problem === null ? "COMMIT" : "ROLLBACK");
    } catch (error) {
      problem = messageOf(error);
    }
    spans.push({ start: commit, end: performance.now() });
  } else {
    const touchedAfter = await touchedEver(migrator);
    touchedRows = touchedBefore === null || touchedAfter === null ? null : touchedAfter - touchedBefore;
  }
  const walAfter = await walPosition(observer);
  const after = await readRelations(observer);
  return {
    durationMs: spans.reduce((sum, span) => sum + span.end - span.start, 0),
    walBytes: walAfter - walBefore,
    touchedRows: probes.length > 0 && !statement.transaction ? null : touchedRows,
    ...{ locks: seen, before, within: statement.transaction ? within : after, after },
    waits: probes.map((probe) => waitOf(probe, spans, end, statement.transaction)),
    problem,
  };
}

interface Span {
  readonly start: number;
  readonly end: number;
}

const samplingPauseMs = 3;

/** Locks that are not kept to the end, and probes that wait in the middle, are only seen by looking often. */
function startSampling(watch: Watch): { stop(): Promise<SeenLock[]> } {
  const seen = new Map<string, SeenLock>();
  let stopped = !watch.sampling;
  const loop = async () => {
    while (!stopped) {
      for (const lock of await readLocks(watch.observer, watch.migrator.processId))
        seen.set(JSON.stringify(lock), lock);
      await markBlocked(watch);
      await sleep(samplingPauseMs);
    }
  };
  const running = loop();
  return {
    stop: async () => {
      stopped = true;
      await running;
      return [...seen.values()];
    },
  };
}

/** Marks the requests that wait for the migrating session now. */
async function markBlocked({ migrator, observer, probes }: Watch): Promise<void> {
  if (probes.length === 0) return;
  const current = new Map(probes.map((probe) => [probe.processId, probe.attempts.at(-1)]));
  const rows = await observer.query<{ pid: number }>(
    "SELECT pid FROM unnest($1::int[]) AS pid WHERE $2::int = ANY (pg_blocking_pids(pid))",
    [[...current.keys()], migrator.processId],
  );
  for (const { pid } of rows) {
    const attempt = current.get(pid);
    // Its answer may have come between the question and ours; then it is another request that was seen.
    if (attempt?.end === Infinity) attempt.blocked = true;
  }
}

const proofTimeoutMs = 3_000;

/** Leaves the transaction open until each probe was seen waiting for it, or went through after the statement's end. */
async function proveProbes(watch: Watch, end: number): Promise<void> {
  const deadline = performance.now() + proofTimeoutMs;
  while (performance.now() < deadline) {
    await markBlocked(watch);
    const open = watch.probes.filter(
      (probe) => probe.ended() === null && !isBlockedNow(probe) && !wentThrough(probe, end),
    );
    if (open.length === 0) return;
    await sleep(samplingPauseMs);
  }
}

function isBlockedNow({ attempts }: Probe): boolean {
  const last = attempts.at(-1);
  return last !== undefined && last.blocked && last.end === Infinity;
}

function wentThrough({ attempts }: Probe, since: number): boolean {
  return attempts.some(({ start, end }) => start >= since && end !== Infinity);
}

function waitOf(
  probe: Probe,
  spans: readonly Span[],
  statementEnd: number,
  transaction: boolean,
): Waited & { fared: Fared } {
  const during = probe.attempts.filter((attempt) => spans.some((span) => overlap(attempt, span) > 0));
  const blocked = during.filter((attempt) => attempt.blocked);
  const waits = blocked.map((attempt) => spans.reduce((sum, span) => sum + overlap(attempt, span), 0));
  const { table, probe: kind } = probe;
  return {
    ...{ table, probe: kind, attempts: during.length, blocked: blocked.length },
    maxMs: Math.max(0, ...waits),
    totalMs: waits.reduce((sum, wait) => sum + wait, 0),
    fared: faredOf(probe, blocked, transaction ? statementEnd : null),
  };
}

/** @param statementEnd null where there was no transaction to wait for */
function faredOf(probe: Probe, blocked: readonly Attempt[], statementEnd: number | null): Fared {
  if (statementEnd !== null && blocked.some(({ end }) => end > statementEnd)) return "waits";
  if (blocked.length > 0) return "briefly";
  if (statementEnd !== null) return wentThrough(probe, statementEnd) ? "free" : "unknown";
  return probe.ended() === null ? "free" : "unknown";
}

function overlap(attempt: Attempt, span: Span): number {
  return Math.max(0, Math.min(attempt.end, span.end) - Math.max(attempt.start, span.start));
}

async function walPosition(observer: Session): Promise<number> {
  const [row] = await observer.query<{ at: number }>(
    "SELECT pg_wal_lsn_diff(pg_current_wal_insert_lsn(), '0/0')::float8 AS at",
  );
  return row?.at ?? 0;
}

const touched =
  "coalesce(sum(seq_tup_read + coalesce(idx_tup_fetch, 0) + n_tup_ins + n_tup_upd + n_tup_del), 0)::float8";

/** With what earlier transactions of the session have not handed over yet. */
async function touchedInTransaction(migrator: Session): Promise<number> {
  const [row] = await migrator.query<{ rows: number }>(
    `SELECT ${touched} AS rows FROM pg_stat_xact_user_tables`,
  );
  return row?.rows ?? 0;
}

/** Of all sessions: for runs in which no other one works. Null before PostgreSQL 15, which cannot be told to count at once. */
async function touchedEver(migrator: Session): Promise<number | null> {
  try {
    await migrator.query("SELECT pg_stat_force_next_flush()");
    await migrator.query("SELECT pg_stat_clear_snapshot()");
    const [row] = await migrator.query<{ rows: number }>(
      `SELECT ${touched} AS rows FROM pg_stat_user_tables`,
    );
    return row?.rows ?? 0;
  } catch {
    return null;
  }
}
