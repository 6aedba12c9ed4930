import { lockModes } from "../../lock-modes.ts";
import type { MeasureInput, StatementInput } from "../input.ts";
import {
  type Blocked,
  type FilledTable,
  type LockTaken,
  type MeasuredLocks,
  type MeasuredStatement,
  type Sample,
} from "../measured.ts";
import type { Filled } from "./fill/fill.ts";
import { locksTaken, rewritten } from "./relations.ts";
import type { Scouted, Scouting } from "./scout.ts";
import type { StatementRun } from "./statement.ts";

/** One for each statement, as far as they went. */
export type RunOfAll = readonly StatementRun[];

export interface SizeRuns {
  readonly fill: readonly Filled[];
  /** The last one is with probes. */
  readonly runs: readonly RunOfAll[];
}

/** What all runs saw, by statement. */
export function assemble(
  { statements }: MeasureInput,
  scouting: Scouting,
  sizes: readonly SizeRuns[],
): Omit<MeasuredLocks, "server"> {
  const tables = filledTables(sizes);
  return {
    sizes: sizes.map(({ fill }) => Math.max(0, ...fill.map(({ rows }) => rows))),
    tables,
    statements: statements.map((statement, at) => {
      const about = scouting.statements[at];
      if (about === undefined) throw new Error(`statement ${String(at)} was not scouted`);
      return measuredStatement(statement, at, { about, scouting, sizes, tables });
    }),
  };
}

function filledTables(sizes: readonly SizeRuns[]): FilledTable[] {
  const names = [...new Set(sizes.flatMap(({ fill }) => fill.map(({ table }) => table)))];
  return names.map((table) => {
    const fills = sizes.flatMap(({ fill }) => fill.filter((filled) => filled.table === table));
    const problem = fills.find((filled) => filled.problem !== null)?.problem ?? null;
    return { table, rows: fills.map(({ rows }) => rows), problem };
  });
}

interface Findings {
  readonly about: Scouted;
  readonly scouting: Scouting;
  readonly sizes: readonly SizeRuns[];
  readonly tables: readonly FilledTable[];
}

function measuredStatement(
  { migration, path, line, sql, transaction, nth }: StatementInput,
  at: number,
  { about, scouting, sizes, tables }: Findings,
): MeasuredStatement {
  const complete = sizes.filter(({ runs }) => runs.every((run) => run[at]?.problem === null));
  const runs = [...(about.run === null ? [] : [about.run]), ...runsOf(sizes, at)];
  const sound = runs.filter(({ problem }) => problem === null);
  return {
    ...{ migration, path, line, sql, transaction, nth },
    tables: about.tables.map(({ base }) => base),
    locks: mergeLocks(
      sound.flatMap((run) => locksTaken(run.locks, run.before, run.within, scouting.relations)),
    ),
    rewrites: [
      ...new Set(sound.flatMap((run) => rewritten(run.before, run.after).map(({ name }) => name))),
    ].sort(),
    blocked: blockedAt(complete.at(-1)?.runs.at(-1)?.[at]),
    samples: complete.map((size) => sampleOf(about, size, at)),
    problem: problemOf(about, at, sizes, tables),
  };
}

function runsOf(sizes: readonly SizeRuns[], at: number): StatementRun[] {
  return sizes.flatMap(({ runs }) => runs.flatMap((run) => run[at] ?? []));
}

function problemOf(
  about: Scouted,
  at: number,
  sizes: readonly SizeRuns[],
  tables: readonly FilledTable[],
): string | null {
  if (about.problem !== null) return about.problem;
  const unfilled = tables.find(
    ({ table, problem }) => problem !== null && about.tables.some(({ base }) => base === table),
  );
  if (unfilled !== undefined) return `${unfilled.table} could not be filled: ${unfilled.problem ?? ""}`;
  const refused = runsOf(sizes, at).find(({ problem }) => problem !== null)?.problem;
  if (refused !== undefined && refused !== null) return `PostgreSQL refuses it on synthetic rows: ${refused}`;
  const wentOn = sizes.every(({ runs }) => runs.every((run) => run[at] !== undefined));
  return wentOn ? null : "a statement before it failed on synthetic rows";
}

function sampleOf(about: Scouted, { fill, runs }: SizeRuns, at: number): Sample {
  const quiet = runs.slice(0, -1).flatMap((run) => run[at] ?? []);
  const probed = runs.at(-1)?.[at];
  const rows = about.tables.map(({ base }) => fill.find(({ table }) => table === base)?.rows ?? 0);
  return {
    rows: Math.max(0, ...rows),
    durationsMs: quiet.map(({ durationMs }) => rounded(durationMs)),
    walBytes: quiet.map(({ walBytes }) => walBytes),
    touchedRows: quiet[0]?.touchedRows ?? null,
    waits: (probed?.waits ?? []).map(({ table, probe, attempts, blocked, maxMs, totalMs }) => ({
      ...{ table, probe, attempts, blocked },
      maxMs: rounded(maxMs),
      totalMs: rounded(totalMs),
    })),
  };
}

/** Microseconds; below is no meaning. */
function rounded(ms: number): number {
  return Math.round(ms * 1000) / 1000;
}

function blockedAt(run: StatementRun | undefined): Blocked[] {
  const names = [...new Set((run?.waits ?? []).map(({ table }) => table))];
  const fared = (table: string, probe: "reads" | "writes") =>
    run?.waits.find((wait) => wait.table === table && wait.probe === probe)?.fared ?? "unknown";
  return names.map((table) => ({ table, reads: fared(table, "reads"), writes: fared(table, "writes") }));
}

/** One for each relation and mode of all runs; strongest first. */
function mergeLocks(locks: readonly LockTaken[]): LockTaken[] {
  const merged = new Map<string, LockTaken>();
  for (const lock of locks) {
    const key = `${lock.relation} ${lock.mode}`;
    const granted = lock.granted || (merged.get(key)?.granted ?? false);
    merged.set(key, { ...lock, granted });
  }
  return [...merged.values()].sort(
    (a, b) => lockModes.indexOf(b.mode) - lockModes.indexOf(a.mode) || (a.relation < b.relation ? -1 : 1),
  );
}
