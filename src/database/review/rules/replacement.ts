import type { Schema } from "../schema/schema.ts";
import { quoted } from "./names.ts";
import type { SafeStep } from "./rule.ts";

/**
 * A column takes the place of another: what follows the migration that adds it, so that the release before each step finds what
 * the one after it writes, beside it and after a way back.
 * @param fill how the new column is filled in the rows that are there
 */
export function replacement(
  schema: Schema,
  table: string,
  columns: { readonly old: string; readonly next: string },
  fill: string,
): SafeStep[] {
  const { old, next } = columns;
  // The last code leaves it empty. A primary key cannot be: that one is replaced by hand.
  const optional: SafeStep = {
    sql: `ALTER TABLE ${quoted(table)} ALTER COLUMN ${quoted(old)} DROP NOT NULL;`,
  };
  return [
    ...(schema.column(table, old)?.notNull === true && !isInKey(schema, table, old) ? [optional] : []),
    { release: `code that writes ${old} and ${next}, and reads ${next}, or ${old} where ${next} is empty` },
    { release: fill },
    { release: `code that reads and writes ${next} only; then ${old} may go` },
  ];
}

function isInKey(schema: Schema, table: string, column: string): boolean {
  const constraints = [...(schema.tables.get(table)?.constraints.values() ?? [])];
  const inKey = constraints.some(({ kind, columns }) => kind === "primary" && columns.includes(column));
  return inKey || schema.keyOf(table) === column;
}
