import { type Estimate, extrapolate } from "./extrapolate.ts";
import type { Point } from "./growth.ts";
import { blocks } from "../lock-modes.ts";
import type { Fared, MeasuredLocks, MeasuredStatement, Sample } from "./measured.ts";
import { bytesText, durationText } from "./units.ts";

/** What a statement is to be expected to do to the real tables, on a machine like the one that measured. */
export interface Forecast {
  readonly migration: string;
  readonly path: string;
  /** From 1. */
  readonly line: number;
  readonly sql: string;
  /** Of the largest real table that it locks; null where the size of one is not known. */
  readonly rows: number | null;
  /** Milliseconds, with the commit. */
  readonly durationMs: Estimate;
  readonly walBytes: Estimate;
  /** The longest that a SELECT waits for it. Waiting for others before it can begin is not in it. */
  readonly readsWaitMs: Estimate;
  /** The longest that an INSERT, UPDATE or DELETE waits for it. */
  readonly writesWaitMs: Estimate;
}

export interface RealSizes {
  /** Rows by table, as `fairway.yaml` or the live database's statistics have them. */
  readonly tables: Readonly<Record<string, number>>;
}

/** One for each statement that was measured, in order. */
export function forecastLocks({ server, statements }: MeasuredLocks, { tables }: RealSizes): Forecast[] {
  return statements.map((statement) => {
    const { migration, path, line, sql } = statement;
    const missing = statement.tables.filter((table) => tables[table] === undefined);
    const rows =
      missing.length > 0 ? null : Math.max(0, ...statement.tables.map((table) => tables[table] ?? 0));
    const real: Real = {
      rows,
      walLevel: server.walLevel,
      unknownRows: `how many rows there are is not known of ${missing.join(", ")}`,
    };
    const durationMs = durationAt(statement, real);
    return {
      ...{ migration, path, line, sql, rows, durationMs },
      walBytes: walAt(statement, real),
      readsWaitMs: waitAt(statement, "reads", durationMs),
      writesWaitMs: waitAt(statement, "writes", durationMs),
    };
  });
}

interface Real {
  readonly walLevel: string;
  readonly rows: number | null;
  readonly unknownRows: string;
}

/** Milliseconds that a statement takes more or less without any cause. */
const floorMs = 2;
/** What the server writes by itself now and then. */
const floorBytes = 16_384;

function durationAt(statement: MeasuredStatement, { rows, unknownRows }: Real): Estimate {
  if (statement.problem !== null) return insufficient(statement.problem);
  return extrapolate(pointsOf(statement.samples, "durationsMs"), rows, {
    ...{ floor: floorMs, unknownRows, format: durationText },
    goesThroughRows: goesThroughRows(statement.samples),
  });
}

function walAt(statement: MeasuredStatement, { rows, unknownRows, walLevel }: Real): Estimate {
  if (statement.problem !== null) return insufficient(statement.problem);
  if (walLevel === "minimal" && statement.rewrites.length > 0)
    return insufficient("wal_level is minimal on the server: it writes no WAL for what is rewritten");
  // What is counted in bytes is not hidden by noise, however many rows are read.
  return extrapolate(pointsOf(statement.samples, "walBytes"), rows, {
    ...{ floor: floorBytes, unknownRows, format: bytesText, goesThroughRows: false },
  });
}

function pointsOf(samples: readonly Sample[], figure: "durationsMs" | "walBytes"): Point[] {
  return samples.map((sample) => ({ rows: sample.rows, values: sample[figure] }));
}

function goesThroughRows(samples: readonly Sample[]): boolean | null {
  const touched = samples.map(({ touchedRows }) => touchedRows);
  if (touched.includes(null)) return null;
  const rows = touched.map((count) => count ?? 0);
  const grows = Math.max(...rows) - Math.min(...rows);
  const most = Math.max(...samples.map((sample) => sample.rows));
  // A row here and there, such as of a key that it looks up, is not all of them.
  return grows > most / 100;
}

/** Who waits to its end waits as long as it takes; who came at its beginning. */
function waitAt(statement: MeasuredStatement, who: "reads" | "writes", durationMs: Estimate): Estimate {
  if (statement.problem !== null) return insufficient(statement.problem);
  const fared = statement.tables.map((table) => faredOn(statement, table, who));
  if (fared.includes("waits")) return durationMs;
  if (fared.includes("unknown")) return insufficient("no probe could use a table that it locks");
  if (!fared.includes("briefly")) return { verdict: "none" };
  const longest = Math.max(
    0,
    ...statement.samples.flatMap(({ waits }) =>
      waits.filter(({ probe }) => probe === who).map(({ maxMs }) => maxMs),
    ),
  );
  return insufficient(`they waited for parts of it, ${durationText(longest)} at most in what was measured`);
}

/** Where a table had no probe, by the locks on it. */
export function faredOn(
  { blocked, locks }: MeasuredStatement,
  table: string,
  who: "reads" | "writes",
): Fared {
  const seen = blocked.find((fared) => fared.table === table)?.[who];
  if (seen !== undefined) return seen;
  return locks.some(({ relation, mode }) => relation === table && blocks(mode)[who]) ? "waits" : "free";
}

function insufficient(reason: string): Estimate {
  return { verdict: "insufficient", reason };
}
