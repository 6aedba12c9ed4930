import type { Session } from "../../measure/run/connection.ts";
import type { ColumnState, SchemaObject } from "../objects.ts";
import { queries } from "./queries.ts";

type Row = Omit<SchemaObject, "kind" | "column">;
type ColumnRow = ColumnState & {
  readonly table: string;
  readonly name: string;
  readonly ofPartition: boolean;
};
type TableRow = Row & { readonly name: string; readonly head: string; readonly tail: string };

/** All that migrations make, of all schemas but PostgreSQL's own and what extensions bring; in an order that could be run. */
export async function readObjects(session: Session): Promise<SchemaObject[]> {
  const of = async (kind: SchemaObject["kind"], query: string) =>
    (await session.query<Row>(query)).map((row) => ({ kind, ...row }));
  const columns = await session.query<ColumnRow>(queries.columns);
  const tables = await session.query<TableRow>(queries.tables);
  return [
    ...(await of("schema", queries.schemas)),
    ...(await of("type", queries.enums)),
    ...(await of("type", queries.domains)),
    ...(await of("type", queries.composites)),
    ...(await of("sequence", queries.sequences)),
    ...(await of("function", queries.functions)),
    ...tables.map((table) => tableOf(table, columns)),
    ...columns.map(columnOf),
    ...(await of("constraint", queries.constraints)),
    ...(await of("index", queries.indexes)),
    ...(await of("view", queries.views)),
    ...(await of("trigger", queries.triggers)),
    ...(await of("row security", queries.rowSecurity)),
    ...(await of("policy", queries.policies)),
  ];
}

function tableOf({ head, tail, ...table }: TableRow, columns: readonly ColumnRow[]): SchemaObject {
  // A partition has the columns of its parent.
  const isPartition = tail.startsWith("PARTITION OF");
  const own = isPartition ? [] : columns.filter((column) => column.table === table.name).map(definition);
  const list = isPartition ? "" : own.length === 0 ? " ()" : ` (\n  ${own.join(",\n  ")}\n)`;
  return {
    ...table,
    kind: "table",
    sql: `${head}${list}${tail === "" ? "" : ` ${tail}`}`,
    compared: `${head} ${tail}`,
  };
}

function columnOf({ table, name, ofPartition, ...column }: ColumnRow): SchemaObject {
  return {
    kind: "column",
    ...{ table, name, ofPartition, column },
    sql: `ALTER TABLE ${table} ADD COLUMN ${definition({ name, ...column })}`,
    drop: `ALTER TABLE ${table} DROP COLUMN ${name}`,
  };
}

function definition({ name, type, notNull, fallback, generated }: ColumnState & { name: string }): string {
  return [
    `${name} ${type}`,
    ...(generated === "" ? [] : [generated]),
    ...(fallback === null ? [] : [`DEFAULT ${fallback}`]),
    ...(notNull ? ["NOT NULL"] : []),
  ].join(" ");
}
