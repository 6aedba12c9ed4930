import { type LockMode, lockModes } from "../../../src/database/lock-modes.ts";
import { openSession, quote, type Session } from "../../../src/database/measure/run/connection.ts";

/** What one statement did to the tables that were there before the migration. */
export interface ObservedStatement {
  readonly sql: string;
  /** The tables that were there before the migration. */
  readonly known: readonly string[];
  /** Those of them that have another file. */
  readonly rewritten: readonly string[];
  /** The strongest lock of each, since the migration began; weaker ones than SHARE UPDATE EXCLUSIVE are left out. */
  readonly locks: Readonly<Record<string, LockMode>>;
  /** A SELECT of another connection waits. */
  readonly readsWait: readonly string[];
  /** An INSERT does. */
  readonly writesWait: readonly string[];
}

/** Runs the statements in one transaction, and looks at the server after each of them. */
export async function observed(url: string, statements: readonly string[]): Promise<ObservedStatement[]> {
  await using migration = await openSession(url);
  await using other = await openSession(url);
  // For whoever is not in UTC a timestamp with a time zone is another value on disk.
  await migration.query("SET TimeZone = 'Europe/Berlin'");
  await other.query("SET lock_timeout = '20ms'");
  const tables = await tablesOf(other);
  const names = tables.map(({ name }) => name);
  const results: ObservedStatement[] = [];
  let files = new Map(tables.map(({ oid, file }) => [oid, file]));
  await migration.query("BEGIN");
  for (const sql of statements) {
    // Prisma's own transactions within the migration's: locks are looked at as if they were one.
    if (!/^(BEGIN|COMMIT)$/.test(sql)) await migration.query(sql);
    const now = new Map((await tablesOf(migration)).map(({ oid, file }) => [oid, file]));
    results.push({
      sql,
      known: names,
      rewritten: tables
        .filter(({ oid }) => now.has(oid) && now.get(oid) !== files.get(oid))
        .map(({ name }) => name),
      locks: await locksOf(other, migration.processId, tables),
      readsWait: await waiting(other, names, (table) => `SELECT 1 FROM ${table} LIMIT 1`),
      writesWait: await waiting(other, names, (table) => `INSERT INTO ${table} DEFAULT VALUES`),
    });
    files = now;
  }
  await migration.query("COMMIT");
  return results;
}

interface Table {
  readonly oid: number;
  readonly name: string;
  readonly file: number;
}

function tablesOf(session: Session): Promise<Table[]> {
  return session.query<Table>(
    "SELECT oid::int, relname::text AS name, pg_relation_filenode(oid)::int AS file FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace ORDER BY relname",
  );
}

async function locksOf(
  session: Session,
  processId: number,
  tables: readonly Table[],
): Promise<Record<string, LockMode>> {
  const rows = await session.query<{ oid: number; mode: string }>(
    "SELECT relation::int AS oid, mode FROM pg_locks WHERE pid = $1 AND granted AND locktype = 'relation'",
    [processId],
  );
  return Object.fromEntries(
    tables.flatMap(({ oid, name }) => {
      const held = rows.filter((row) => row.oid === oid).map(({ mode }) => mode.toUpperCase());
      const strongest = lockModes.findLast((mode) => held.includes(`${mode.replaceAll(" ", "")}LOCK`));
      const isWeak = strongest === undefined || lockModes.indexOf(strongest) < weakest;
      return isWeak ? [] : [[name, strongest]];
    }),
  );
}

const weakest = lockModes.indexOf("SHARE UPDATE EXCLUSIVE");

async function waiting(
  session: Session,
  tables: readonly string[],
  sql: (table: string) => string,
): Promise<string[]> {
  const found: string[] = [];
  for (const table of tables) {
    await session.query("BEGIN");
    // Whether the row would be taken is not asked: the lock comes first.
    const code = await session.query(sql(quote(table))).then(
      () => null,
      (error: unknown) => (error as { code?: string }).code,
    );
    await session.query("ROLLBACK");
    if (code === lockNotAvailable) found.push(table);
  }
  return found;
}

const lockNotAvailable = "55P03";
