import type { Schema } from "../schema/schema.ts";
import { quoted } from "./names.ts";

/** A condition for some thousand rows at a time: of those for which `condition` holds. */
function someRows(schema: Schema, table: string, condition: string): string {
  const key = schema.keyOf(table);
  return key === null
    ? `ctid = ANY (ARRAY(SELECT ctid FROM ${quoted(table)} WHERE ${condition} LIMIT 1000))`
    : `${quoted(key)} IN (SELECT ${quoted(key)} FROM ${quoted(table)} WHERE ${condition} LIMIT 1000)`;
}

/** An update in short transactions; `$1` is the value. */
export function updateInBatches(schema: Schema, table: string, columns: readonly string[]): string {
  const column = quoted(columns[0] ?? "");
  const values = columns.map((name, index) => `${quoted(name)} = $${String(index + 1)}`);
  return (
    "-- again and again, until it writes no row\n" +
    `UPDATE ${quoted(table)} SET ${values.join(", ")}\n` +
    `WHERE ${someRows(schema, table, `${column} IS DISTINCT FROM $1`)};`
  );
}

/** A delete in short transactions that keeps what it takes away; `$1` stands for the condition. */
export function moveInBatches(schema: Schema, table: string, kept: string): string {
  return (
    "-- again and again, until it moves no row\n" +
    `WITH gone AS (DELETE FROM ${quoted(table)} WHERE ${someRows(schema, table, "$1")} RETURNING *)\n` +
    `INSERT INTO ${kept} SELECT * FROM gone;`
  );
}
