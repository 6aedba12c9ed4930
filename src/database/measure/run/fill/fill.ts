import type { Table } from "../catalog.ts";
import { messageOf, quote, type Session } from "../connection.ts";
import { planFill, type TableFill } from "./plan.ts";
import type { ValueOf } from "./values.ts";

export interface Filled {
  readonly table: string;
  readonly rows: number;
  readonly problem: string | null;
}

/** Fills tables, and those that they reference, with rows that their constraints allow. */
export async function fillTables(
  session: Session,
  tables: ReadonlyMap<string, Table>,
  wanted: readonly string[],
  rowsOf: (table: string) => number,
): Promise<Filled[]> {
  // The rows are right by how they are made; triggers and the checks of foreign keys would only take their time.
  await session.query("SET session_replication_role = replica");
  const filled: Filled[] = [];
  const fills = planFill(tables, wanted, rowsOf);
  for (const fill of fills) {
    const before = filled.find(
      ({ table, problem }) =>
        problem !== null &&
        fill.table.foreignKeys.some((key) => key.table === table && table !== fill.table.name),
    );
    const known =
      before === undefined
        ? fill
        : { ...fill, problem: `${before.table}, which it references, could not be filled` };
    filled.push(await fillTable(session, known));
  }
  await session.query("RESET session_replication_role");
  return filled;
}

async function fillTable(session: Session, fill: TableFill): Promise<Filled> {
  const { name, sqlName } = fill.table;
  if (fill.problem !== null) return { table: name, rows: 0, problem: fill.problem };
  try {
    const chosen = await choose(session, fill);
    if (chosen === undefined) {
      const problem = `no rows were found that its checks allow: ${fill.table.checks.join("; ")}`;
      return { table: name, rows: 0, problem };
    }
    const columns = chosen.map((column) => quote(column.name)).join(", ");
    const values = chosen.map(({ value }) => value("g")).join(", ");
    const rows = chosen.length === 0 ? "SELECT" : `(${columns}) OVERRIDING SYSTEM VALUE SELECT ${values}`;
    await session.query(
      `INSERT INTO ${sqlName} ${rows} FROM generate_series(1, ${String(fill.rows)}) AS g ON CONFLICT DO NOTHING`,
    );
    await moveSequences(session, fill);
    await session.query(`VACUUM (FREEZE, ANALYZE) ${sqlName}`);
    const [{ count } = { count: 0 }] = await session.query<{ count: number }>(
      `SELECT count(*)::float8 AS count FROM ${sqlName}`,
    );
    const enough = count >= fill.rows * 0.9;
    const problem = enough ? null : `only ${String(count)} of ${String(fill.rows)} rows were distinct`;
    return { table: name, rows: count, problem };
  } catch (error) {
    return { table: name, rows: 0, problem: `PostgreSQL refused its rows: ${messageOf(error)}` };
  }
}

interface Chosen {
  readonly name: string;
  readonly value: ValueOf;
}

const mostTries = 400;

/** The first values of the columns that hold to all checks, tried on a few rows. Checks without a column in common are tried apart. */
async function choose(session: Session, { table, columns, rows }: TableFill): Promise<Chosen[] | undefined> {
  const chosen = columns.flatMap(({ name, values: [value] }) =>
    value === undefined ? [] : [{ name, value }],
  );
  for (const { checks, names } of groupsOf(table)) {
    const tried = columns.filter(({ name }) => names.has(name));
    const found = await choosing(session, { table, checks, tried, chosen, rows });
    if (!found) return undefined;
  }
  return chosen;
}

interface Trial {
  readonly table: Table;
  readonly checks: readonly string[];
  readonly tried: TableFill["columns"];
  /** The values of the columns that are tried are replaced in it. */
  readonly chosen: Chosen[];
  readonly rows: number;
}

async function choosing(session: Session, trial: Trial): Promise<boolean> {
  const { tried, chosen } = trial;
  const counts = tried.map(({ values }) => values.length);
  for (const combination of combinations(counts, mostTries)) {
    for (const [at, { name, values }] of tried.entries()) {
      const value = values[combination[at] ?? 0];
      const place = chosen.findIndex((column) => column.name === name);
      if (value !== undefined && place >= 0) chosen[place] = { name, value };
    }
    if (await holds(session, trial)) return true;
  }
  return false;
}

/** Checks that have a column in common, with all their columns. */
function groupsOf({ checks, columns }: Table): { checks: string[]; names: Set<string> }[] {
  let groups: { checks: string[]; names: Set<string> }[] = [];
  for (const check of checks) {
    const words = new Set(check.match(/[\p{L}\p{N}_$]+/gu) ?? []);
    const named = columns.filter(({ name }) => words.has(name) || check.includes(quote(name)));
    const names = new Set(named.map(({ name }) => name));
    const joined = groups.filter((group) => [...names].some((name) => group.names.has(name)));
    groups = [
      ...groups.filter((group) => !joined.includes(group)),
      {
        checks: [...joined.flatMap((group) => group.checks), check],
        names: new Set([...joined.flatMap((group) => [...group.names]), ...names]),
      },
    ];
  }
  return groups;
}

async function holds(session: Session, { table, checks, chosen, rows }: Trial): Promise<boolean> {
  const missing = table.columns.filter(({ name }) => !chosen.some((column) => column.name === name));
  const columns = [
    ...chosen.map(({ name, value }) => `${value("g")} AS ${quote(name)}`),
    ...missing.map(({ name, type }) => `NULL::${type} AS ${quote(name)}`),
  ];
  const all = checks.map((check) => `coalesce((${check}), true)`).join(" AND ");
  const sample = `unnest(ARRAY[1, 2, 3, 7, 10, 11, 100, ${String(Math.ceil(rows / 2))}, ${String(rows)}]) AS g`;
  try {
    const [answer] = await session.query<{ all: boolean }>(
      `SELECT bool_and(${all}) AS all FROM (SELECT ${columns.join(", ")} FROM ${sample}) AS ${quote(table.name)}`,
    );
    return answer?.all === true;
  } catch {
    // A value of the wrong form, such as a word where a number has to be.
    return false;
  }
}

/** All zero first; then the last place changes fastest. */
function* combinations(counts: readonly number[], most: number): Generator<number[]> {
  const at = counts.map(() => 0);
  for (let tries = 0; tries < most; tries++) {
    yield [...at];
    let place = counts.length - 1;
    while (place >= 0 && (at[place] ?? 0) + 1 >= (counts[place] ?? 0)) at[place--] = 0;
    if (place < 0) return;
    at[place] = (at[place] ?? 0) + 1;
  }
}

/** What a migration inserts is to get a number that is free. */
async function moveSequences(session: Session, { table, rows }: TableFill): Promise<void> {
  for (const { name, hasDefault } of table.columns) {
    if (!hasDefault) continue;
    await session.query(
      "SELECT setval(sequence, greatest($3::bigint, 1)) FROM (SELECT pg_get_serial_sequence($1, $2)::regclass AS sequence) s WHERE sequence IS NOT NULL",
      [table.sqlName, name, rows],
    );
  }
}
