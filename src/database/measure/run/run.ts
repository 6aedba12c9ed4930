import type { MeasureInput } from "../input.ts";
import type { MeasuredLocks, MeasuredServer } from "../measured.ts";
import { assemble, type RunOfAll, type SizeRuns } from "./assemble.ts";
import { messageOf, openSession, type Session } from "./connection.ts";
import { databasesOf } from "./databases.ts";
import { fillTables } from "./fill/fill.ts";
import { type Probe, startProbes } from "./probe.ts";
import { scout, type Scouted } from "./scout.ts";
import { runStatement, type StatementRun } from "./statement.ts";

/**
 * Measures on a server that is thrown away afterwards: makes databases on it, and drops them.
 * @param url of a superuser of a server that nobody else uses meanwhile
 * @throws Error where an earlier migration does not apply
 */
export async function runMeasurement(url: string, input: MeasureInput): Promise<MeasuredLocks> {
  await using admin = await openSession(url);
  const server = await readServer(admin);
  const databases = databasesOf(admin);
  try {
    const base = await databases.create("base");
    await applyEarlier(url, base, input);
    const scouting = await scout(url, await databases.create("scout", base), input.statements);
    const wanted = [
      ...new Set(scouting.statements.flatMap(({ tables }) => tables.map((table) => table.base))),
    ];
    const sizes: SizeRuns[] = [];
    const runnable = scouting.statements.some(({ problem }) => problem === null);
    for (const fraction of runnable ? input.fractions : []) {
      const filled = await databases.create("rows", base);
      const fill = await inSession(url, filled, (session) =>
        fillTables(session, scouting.tables, wanted, rowCount(input, wanted, fraction)),
      );
      const runs: RunOfAll[] = [];
      for (let repeat = 0; repeat <= input.repeats; repeat++) {
        const copy = await databases.create("run", filled);
        await admin.query("CHECKPOINT");
        runs.push(
          await runAll({ url, database: copy, probed: repeat === input.repeats }, input, scouting.statements),
        );
        await databases.drop(copy);
      }
      await databases.drop(filled);
      sizes.push({ fill, runs });
    }
    return { server, ...assemble(input, scouting, sizes) };
  } finally {
    await databases.dropAll();
  }
}

async function readServer(admin: Session): Promise<MeasuredServer> {
  // What it does in the background would be taken for what a statement does.
  await admin.query("ALTER SYSTEM SET autovacuum = off");
  await admin.query("SELECT pg_reload_conf()");
  const [server] = await admin.query<MeasuredServer>(
    `SELECT split_part(current_setting('server_version'), ' ', 1) AS version, current_setting('wal_level') AS "walLevel",
       current_setting('full_page_writes')::bool AS "fullPageWrites", current_setting('fsync')::bool AS fsync`,
  );
  if (server === undefined) throw new Error("PostgreSQL answered no settings");
  return server;
}

async function applyEarlier(url: string, database: string, { earlier }: MeasureInput): Promise<void> {
  await inSession(url, database, async (session) => {
    for (const { name, parts } of earlier) {
      for (const part of parts) {
        await session.query(part).catch((error: unknown) => {
          throw new Error(`the earlier migration ${name} does not apply: ${messageOf(error)}`, {
            cause: error,
          });
        });
      }
    }
  });
}

/** Tables keep the proportions of their real sizes; the largest one gets the budget. */
function rowCount(
  { tables, budgetRows }: MeasureInput,
  wanted: readonly string[],
  fraction: number,
): (table: string) => number {
  const largest = Math.max(1, ...wanted.flatMap((name) => tables[name] ?? []));
  return (name) => {
    const share = Math.min((tables[name] ?? largest) / largest, 1);
    return Math.max(Math.round(budgetRows * fraction * share), fewestRows);
  };
}

const fewestRows = 16;
/** More would take the processor from what is measured. */
const mostProbedTables = 6;

interface Place {
  readonly url: string;
  readonly database: string;
  readonly probed: boolean;
}

async function runAll(
  { url, database, probed }: Place,
  { statements }: MeasureInput,
  scouted: readonly Scouted[],
): Promise<RunOfAll> {
  await using migrator = await openSession(url, database);
  await using observer = await openSession(url, database);
  // With workers beside it a statement on a large table could not be compared with the same one on a small one.
  await migrator.query("SET max_parallel_maintenance_workers = 0; SET max_parallel_workers_per_gather = 0");
  const runs: StatementRun[] = [];
  for (const [at, statement] of statements.entries()) {
    const about = scouted[at];
    if (about === undefined || about.problem !== null) break;
    await using probes = probed ? await probesFor({ url, database }, about) : noProbes;
    const watch = { migrator, observer, probes: probes.all, sampling: probed };
    const run = await runStatement(watch, statement);
    runs.push(run);
    if (run.problem !== null) break;
  }
  return runs;
}

interface Probes extends AsyncDisposable {
  readonly all: readonly Probe[];
}

const noProbes: Probes = { all: [], [Symbol.asyncDispose]: () => Promise.resolve() };

async function probesFor({ url, database }: Omit<Place, "probed">, about: Scouted): Promise<Probes> {
  const all: Probe[] = [];
  const end = async () => {
    await Promise.all(all.map((probe) => probe[Symbol.asyncDispose]()));
  };
  try {
    for (const { base, now } of about.tables.slice(0, mostProbedTables)) {
      const table = about.standing.get(now);
      if (table !== undefined) all.push(...(await startProbes(url, database, table, base)));
    }
  } catch (error) {
    await end();
    throw error;
  }
  return { all, [Symbol.asyncDispose]: end };
}

async function inSession<T>(
  url: string,
  database: string,
  work: (session: Session) => Promise<T>,
): Promise<T> {
  await using session = await openSession(url, database);
  return await work(session);
}
