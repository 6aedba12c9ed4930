import type { Column, ForeignKey, Table } from "../catalog.ts";
import { type ValueOf, valuesOf } from "./values.ts";

/** How one table is filled. */
export interface TableFill {
  readonly table: Table;
  readonly rows: number;
  /** The columns that get values, each with the ones to try. */
  readonly columns: readonly { readonly name: string; readonly values: readonly ValueOf[] }[];
  readonly problem: string | null;
}

/**
 * The tables that were asked for and those that their foreign keys need, these first.
 * @param rowsOf how many rows a table is to get
 */
export function planFill(
  tables: ReadonlyMap<string, Table>,
  wanted: readonly string[],
  rowsOf: (table: string) => number,
): TableFill[] {
  const order = inOrder(tables, wanted);
  const rows = rowCounts(tables, order, rowsOf);
  const problems = new Map<string, string>();
  return order.map((name) => {
    const table = tables.get(name);
    if (table === undefined) throw new Error(`there is no table ${name}`);
    const literals = literalsIn(table.checks);
    const columns: { name: string; values: ValueOf[] }[] = [];
    let problem: string | null = null;
    for (const column of table.columns) {
      if (column.generated) continue;
      const values = columnValues({ tables, rows, table, literals }, column, []);
      if (values.length > 0) columns.push({ name: column.name, values });
      else if (column.notNull && !column.hasDefault)
        problem ??= `nothing is known of the type ${column.type} of its column ${column.name}`;
    }
    const broken = table.foreignKeys.find(({ table: other }) => problems.has(other));
    if (broken !== undefined) problem ??= `${broken.table}, which it references, could not be filled`;
    if (problem !== null) problems.set(name, problem);
    return { table, rows: rows.get(name) ?? 0, columns, problem };
  });
}

/** Referenced tables before those that reference them; where they go in a circle, as they come. */
function inOrder(tables: ReadonlyMap<string, Table>, wanted: readonly string[]): string[] {
  const order: string[] = [];
  const seen = new Set<string>();
  const visit = (name: string) => {
    const table = tables.get(name);
    if (table === undefined || seen.has(name)) return;
    seen.add(name);
    for (const key of table.foreignKeys) visit(key.table);
    order.push(name);
  };
  for (const name of wanted) visit(name);
  return order;
}

/** A row that is alone in referencing another cannot outnumber those. */
function rowCounts(
  tables: ReadonlyMap<string, Table>,
  order: readonly string[],
  rowsOf: (table: string) => number,
): Map<string, number> {
  const rows = new Map<string, number>();
  for (const name of order) {
    const table = tables.get(name);
    const limits = (table?.foreignKeys ?? [])
      .filter((key) => table?.uniques.some((index) => index.every((column) => key.columns.includes(column))))
      .map((key) => rows.get(key.table) ?? Infinity);
    rows.set(name, Math.min(rowsOf(name), ...limits));
  }
  return rows;
}

interface Place {
  readonly tables: ReadonlyMap<string, Table>;
  readonly rows: ReadonlyMap<string, number>;
  readonly table: Table;
  readonly literals: readonly string[];
}

function columnValues(place: Place, column: Column, path: readonly string[]): ValueOf[] {
  const here = `${place.table.name}.${column.name}`;
  const key = place.table.foreignKeys.find(({ columns }) => columns.includes(column.name));
  // A key that references itself by way of others is as good as none.
  if (key === undefined || path.includes(here)) return valuesOf(column, place.literals);
  const other = place.tables.get(key.table);
  const referenced = other?.columns.find(({ name }) => name === key.keys[key.columns.indexOf(column.name)]);
  if (other === undefined || referenced === undefined) return [];
  const rowThere = rowReferenced(place, key);
  const there = { ...place, table: other, literals: literalsIn(other.checks) };
  return columnValues(there, referenced, [...path, here]).map(
    (value): ValueOf =>
      (row) =>
        `(${value(rowThere(row))})::${column.type}`,
  );
}

/** In a unique index over several foreign keys, as of a table between two others, the second one shifts with each round of the first. */
function rowReferenced({ table, rows }: Place, key: ForeignKey): (row: string) => string {
  const count = rowsIn(rows, key);
  const others = table.foreignKeys.filter(
    (other) =>
      other !== key &&
      table.uniques.some(
        (index) =>
          index.some((column) => other.columns.includes(column)) &&
          index.some((column) => key.columns.includes(column)),
      ),
  );
  const first = others.find((other) => table.foreignKeys.indexOf(other) < table.foreignKeys.indexOf(key));
  if (first === undefined) return (row) => `((${row}) - 1) % ${count} + 1`;
  return (row) => `(((${row}) - 1) / ${rowsIn(rows, first)} + ((${row}) - 1)) % ${count} + 1`;
}

function rowsIn(rows: ReadonlyMap<string, number>, { table }: ForeignKey): string {
  return String(Math.max(rows.get(table) ?? 1, 1));
}

/** What a check compares with: `status IN ('open', 'closed')`. */
function literalsIn(checks: readonly string[]): string[] {
  const found = checks.flatMap((check) => [
    ...[...check.matchAll(/'((?:[^']|'')*)'/g)].map(([, text = ""]) => text.replaceAll("''", "'")),
    ...[...check.matchAll(/(?<![\w'.])-?\d+(?:\.\d+)?(?![\w'])/g)].map(([text]) => text),
  ]);
  return [...new Set(found)].slice(0, 12);
}
