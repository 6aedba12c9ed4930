import type { Session } from "./connection.ts";

/** A table as the synthetic rows have to be. */
export interface Table {
  /** With its schema unless that is `public`. */
  readonly name: string;
  /** Quoted, with its schema. */
  readonly sqlName: string;
  readonly columns: readonly Column[];
  readonly foreignKeys: readonly ForeignKey[];
  /** Columns of each unique index without expressions; the primary key first. */
  readonly uniques: readonly (readonly string[])[];
  /** Expressions. */
  readonly checks: readonly string[];
}

export interface Column {
  readonly name: string;
  /** As a cast takes it: `character varying(20)`. */
  readonly type: string;
  /** The type below a domain, by PostgreSQL's own name: `varchar`, `_int4`. */
  readonly base: string;
  /** PostgreSQL's typtype: `b`ase, `e`num, `c`omposite, `r`ange... */
  readonly typeKind: string;
  /** Of the base type; -1 for none. */
  readonly modifier: number;
  /** The element of an array. */
  readonly element: { readonly type: string; readonly base: string; readonly typeKind: string } | null;
  readonly notNull: boolean;
  readonly hasDefault: boolean;
  readonly generated: boolean;
}

export interface ForeignKey {
  readonly columns: readonly string[];
  /** The other table's name. */
  readonly table: string;
  readonly keys: readonly string[];
}

/** All tables of the database that are no partitions, by name. */
export async function readTables(session: Session): Promise<Map<string, Table>> {
  const [tables, columns, constraints, uniques] = [
    await session.query<{ name: string; sqlName: string }>(tablesQuery),
    await session.query<Column & { table: string }>(columnsQuery),
    await session.query<ConstraintRow>(constraintsQuery),
    await session.query<{ table: string; columns: string[] }>(uniquesQuery),
  ];
  const of = <Row extends { table: string }>(rows: readonly Row[], name: string) =>
    rows.filter(({ table }) => table === name);
  return new Map(
    tables.map(({ name, sqlName }) => [
      name,
      {
        ...{ name, sqlName },
        columns: of(columns, name),
        foreignKeys: of(constraints, name).flatMap(({ columns: own, other, keys }) =>
          own === null || other === null || keys === null ? [] : [{ columns: own, table: other, keys }],
        ),
        uniques: of(uniques, name).map((index) => index.columns),
        checks: of(constraints, name).flatMap(({ check }) => check ?? []),
      },
    ]),
  );
}

/** The tables of the first, with what the other ones demand of the same columns: what is added later has to hold then. */
export function withLaterDemands(
  tables: ReadonlyMap<string, Table>,
  later: readonly ReadonlyMap<string, Table>[],
): Map<string, Table> {
  return new Map(
    [...tables].map(([name, table]) => {
      const columns = new Set(table.columns.map((column) => column.name));
      const others = later.flatMap((stage) => stage.get(name) ?? []);
      const known = (names: readonly string[]) => names.every((column) => columns.has(column));
      const keysKnown = ({ table: other, keys }: ForeignKey) =>
        keys.every((key) => tables.get(other)?.columns.some((column) => column.name === key) ?? false);
      return [
        name,
        {
          ...table,
          foreignKeys: distinct([
            ...table.foreignKeys,
            ...others.flatMap(({ foreignKeys }) =>
              foreignKeys.filter((key) => known(key.columns) && keysKnown(key)),
            ),
          ]),
          uniques: distinct([
            ...table.uniques,
            ...others.flatMap(({ uniques }) => uniques.filter((index) => known(index))),
          ]),
          checks: distinct([...table.checks, ...others.flatMap(({ checks }) => checks)]),
        },
      ];
    }),
  );
}

function distinct<Value>(values: readonly Value[]): Value[] {
  return [...new Map(values.map((value) => [JSON.stringify(value), value])).values()];
}

interface ConstraintRow {
  readonly table: string;
  readonly columns: string[] | null;
  readonly other: string | null;
  readonly keys: string[] | null;
  readonly check: string | null;
}

/** A relation's name for people; `c` is pg_class and `n` its pg_namespace. */
export const shownName = (c = "c", n = "n") =>
  `CASE WHEN ${n}.nspname = 'public' THEN ${c}.relname ELSE ${n}.nspname || '.' || ${c}.relname END::text`;

/** Not the system's, and not what keeps long values. */
export const ownSchemas = (n = "n") =>
  `${n}.nspname NOT LIKE 'pg\\_%' AND ${n}.nspname <> 'information_schema'`;

const fromTables = `
  FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
  WHERE c.relkind IN ('r', 'p') AND NOT c.relispartition AND ${ownSchemas()}`;

const tablesQuery = `
  SELECT ${shownName()} AS name, format('%I.%I', n.nspname, c.relname) AS "sqlName" ${fromTables} ORDER BY 1`;

const columnsQuery = `
  SELECT ${shownName()} AS "table", a.attname::text AS name, format_type(a.atttypid, a.atttypmod) AS type,
    b.typname::text AS base, b.typtype::text AS "typeKind",
    CASE WHEN t.typtype = 'd' THEN t.typtypmod ELSE a.atttypmod END AS modifier,
    CASE WHEN b.typcategory = 'A' THEN
      json_build_object('type', format_type(e.oid, NULL), 'base', e.typname, 'typeKind', e.typtype) END AS element,
    a.attnotnull OR t.typnotnull AS "notNull", a.atthasdef OR a.attidentity <> '' AS "hasDefault",
    a.attgenerated <> '' AS generated
  FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
  JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
  JOIN pg_type t ON t.oid = a.atttypid
  JOIN pg_type b ON b.oid = CASE WHEN t.typtype = 'd' THEN t.typbasetype ELSE t.oid END
  LEFT JOIN pg_type e ON e.oid = b.typelem
  WHERE c.relkind IN ('r', 'p') AND NOT c.relispartition AND ${ownSchemas()}
  ORDER BY 1, a.attnum`;

const columnNames = (relation: string, numbers: string) =>
  `(SELECT array_agg(a.attname::text ORDER BY k.at) FROM unnest(${numbers}) WITH ORDINALITY k(number, at)
    JOIN pg_attribute a ON a.attrelid = ${relation} AND a.attnum = k.number)`;

const constraintsQuery = `
  SELECT ${shownName()} AS "table",
    CASE WHEN x.contype = 'f' THEN ${columnNames("x.conrelid", "x.conkey")} END AS columns,
    CASE WHEN x.contype = 'f' THEN ${shownName("f", "m")} END AS other,
    CASE WHEN x.contype = 'f' THEN ${columnNames("x.confrelid", "x.confkey")} END AS keys,
    CASE WHEN x.contype = 'c' THEN pg_get_expr(x.conbin, x.conrelid) END AS "check"
  FROM pg_constraint x JOIN pg_class c ON c.oid = x.conrelid JOIN pg_namespace n ON n.oid = c.relnamespace
  LEFT JOIN pg_class f ON f.oid = x.confrelid LEFT JOIN pg_namespace m ON m.oid = f.relnamespace
  WHERE x.contype IN ('f', 'c') AND ${ownSchemas()} ORDER BY x.oid`;

const uniquesQuery = `
  SELECT ${shownName()} AS "table", ${columnNames("c.oid", "i.indkey[0 : i.indnkeyatts - 1]")} AS columns
  FROM pg_index i JOIN pg_class c ON c.oid = i.indrelid JOIN pg_namespace n ON n.oid = c.relnamespace
  WHERE i.indisunique AND i.indpred IS NULL AND 0 <> ALL (i.indkey::int2[]) AND ${ownSchemas()}
  ORDER BY i.indisprimary DESC, i.indexrelid`;
