import { lockModes } from "../../lock-modes.ts";
import { setTimeout as sleep } from "node:timers/promises";
import type { StatementInput } from "../input.ts";
import { readTables, type Table, withLaterDemands } from "./catalog.ts";
import { openSession } from "./connection.ts";
import { readRelations, type Relation } from "./relations.ts";
import { runStatement, type StatementRun, type Watch } from "./statement.ts";

/** A table of the earlier migrations that a statement locks. */
export interface LockedTable {
  /** As the earlier migrations name it. */
  readonly base: string;
  /** As it is called when the statement comes. */
  readonly now: string;
}

/** What one statement does to a database without rows. */
export interface Scouted {
  /** Strongest lock first. */
  readonly tables: readonly LockedTable[];
  /** All tables as they are before it. */
  readonly standing: ReadonlyMap<string, Table>;
  /** Null where it was not run, or failed. */
  readonly run: StatementRun | null;
  readonly problem: string | null;
}

export interface Scouting {
  readonly statements: readonly Scouted[];
  /** What the earlier migrations left, by its number. */
  readonly relations: ReadonlyMap<number, Relation>;
  /** The earlier migrations' tables, with all that the new ones demand of their rows. */
  readonly tables: ReadonlyMap<string, Table>;
}

/**
 * Runs all statements once on empty tables: tells which tables have to be filled and what their rows have to hold to; and what
 * fails here fails everywhere.
 */
export async function scout(
  url: string,
  database: string,
  statements: readonly StatementInput[],
): Promise<Scouting> {
  await using migrator = await openSession(url, database);
  await using observer = await openSession(url, database);
  const relations = await readRelations(observer);
  const stages = [await readTables(observer)];
  const scouted: Scouted[] = [];
  let failed = false;
  for (const statement of statements) {
    const standing = stages.at(-1) ?? new Map<string, Table>();
    const impossible = statement.problem ?? (failed ? "a statement before it failed" : null);
    if (impossible !== null) {
      scouted.push({ tables: [], standing, run: null, problem: impossible });
      failed = true;
      continue;
    }
    const watch = { migrator, observer, probes: [], sampling: true };
    const run = statement.transaction
      ? await runStatement(watch, statement)
      : await heldUp(url, database, watch, statement, standing);
    const problem = run.problem === null ? null : `PostgreSQL refuses it on empty tables: ${run.problem}`;
    failed = problem !== null;
    scouted.push({ tables: lockedTables(run, statement, relations), standing, run, problem });
    stages.push(await readTables(observer));
  }
  const [base = new Map<string, Table>(), ...later] = stages;
  return { statements: scouted, relations, tables: withLaterDemands(base, later) };
}

/**
 * Runs what is done in several short transactions while another session holds the tables that it names as a writer does, until
 * it waits for that: its locks would be gone before they are seen.
 */
async function heldUp(
  url: string,
  database: string,
  watch: Watch,
  statement: StatementInput,
  standing: ReadonlyMap<string, Table>,
): Promise<StatementRun> {
  await using holder = await openSession(url, database);
  const relations = [...(await readRelations(holder)).values()];
  const tables = relations
    .filter(({ name }) => statement.names.includes(name))
    .map(({ table }) => table ?? "");
  const held = [...new Set(tables)].flatMap((name) => standing.get(name)?.sqlName ?? []);
  if (held.length === 0) return await runStatement(watch, statement);
  await holder.query(`BEGIN; LOCK TABLE ${held.join(", ")} IN ROW EXCLUSIVE MODE`);
  const running = runStatement(watch, statement);
  const deadline = performance.now() + holdingMs;
  while (performance.now() < deadline) {
    const [row] = await holder.query<{ waiting: boolean }>(
      "SELECT EXISTS (SELECT FROM pg_locks WHERE pid = $1 AND NOT granted) AS waiting",
      [watch.migrator.processId],
    );
    await sleep(20);
    if (row?.waiting === true) break;
  }
  await holder.query("COMMIT");
  return await running;
}

const holdingMs = 1_000;

function lockedTables(
  run: StatementRun,
  { names }: StatementInput,
  base: ReadonlyMap<number, Relation>,
): LockedTable[] {
  const seen = [...run.locks].sort((a, b) => lockModes.indexOf(b.mode) - lockModes.indexOf(a.mode));
  const named = [...run.before.values()].filter(({ name }) => names.includes(name));
  const tables = new Map<string, LockedTable>();
  for (const { oid } of [...seen, ...named]) {
    const { table: now, tableOid } = run.before.get(oid) ?? { table: null, tableOid: null };
    const was = tableOid === null ? undefined : base.get(tableOid)?.table;
    if (was !== undefined && was !== null && now !== null && !tables.has(was))
      tables.set(was, { base: was, now });
  }
  return [...tables.values()];
}
