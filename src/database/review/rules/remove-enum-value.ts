import { quoted, listed } from "./names.ts";
import type { FileSituation, Rule } from "./rule.ts";

export const removeEnumValue: Rule = {
  id: "remove-enum-value",
  severity: "high",
  removes: true,
  catches: "An enum is replaced by one that lacks some of its values",
  why:
    "PostgreSQL cannot drop a value, so tools make another enum, rewrite each column that has the old one, and give it the old " +
    "name. A row that holds the value makes that fail, and old code that writes or compares it fails afterwards.",
  examples: {
    bad: [
      {
        before:
          "CREATE TYPE state AS ENUM ('open', 'done'); CREATE TABLE orders (id bigint PRIMARY KEY, state state);",
        sql:
          "CREATE TYPE state_new AS ENUM ('open');" +
          "ALTER TABLE orders ALTER COLUMN state TYPE state_new USING (state::text::state_new);" +
          "ALTER TYPE state RENAME TO state_old; ALTER TYPE state_new RENAME TO state; DROP TYPE state_old;",
      },
    ],
    good: [
      {
        before:
          "CREATE TYPE state AS ENUM ('open', 'done'); CREATE TABLE orders (id bigint PRIMARY KEY, state state);",
        sql: "ALTER TABLE orders ADD CONSTRAINT orders_state_not_done CHECK (state <> 'done') NOT VALID;",
      },
    ],
    goodInContext: [
      "CREATE TYPE a AS ENUM ('x', 'y'); CREATE TYPE a_new AS ENUM ('x'); ALTER TYPE a RENAME TO a_old; ALTER TYPE a_new RENAME TO a;",
      {
        before: "CREATE TYPE state AS ENUM ('open', 'done');",
        sql: "CREATE TYPE state_new AS ENUM ('done', 'open'); ALTER TYPE state RENAME TO state_old; ALTER TYPE state_new RENAME TO state;",
      },
      {
        before: "CREATE TYPE state AS ENUM ('open', 'done');",
        sql: "CREATE TYPE state_new AS ENUM ('open'); ALTER TYPE state RENAME TO state_old; ALTER TYPE state_new RENAME TO state; DROP TYPE state_old;",
        unused: ["state"],
      },
    ],
  },
  check: (change, { schema, uses, file }) => {
    if (change.kind !== "rename-type" || schema.isNewType(change.type)) return null;
    const { type } = change;
    const replacement = replacementOf(type, file);
    if (replacement === null || uses.type(type).state === "unused") return null;
    const [before, after] = [schema.types.get(type)?.values, schema.types.get(replacement)?.values];
    const lost = (before ?? []).filter((value) => after?.includes(value) !== true);
    if (before !== undefined && after !== undefined && lost.length === 0) return null;
    const values = lost.map((value) => `'${value.replaceAll("'", "''")}'`);
    const tables = [...schema.tables.values()].flatMap(({ name, columns }) =>
      [...columns.values()].flatMap((column) =>
        column.type.name === type || column.type.name === replacement
          ? [{ table: name, column: column.name }]
          : [],
      ),
    );
    const named = values.length === 0 ? "some of its values" : listed(values);
    return {
      what: `${type} no longer has ${named}: rows that hold it make this fail, and code that uses it fails afterwards`,
      instead: [
        {
          release: `code that neither writes nor compares ${named}, and a backfill of the rows that hold it`,
        },
        ...(values.length === 0
          ? []
          : tables.map(({ table, column }) => ({
              sql: `ALTER TABLE ${quoted(table)} ADD CHECK (${quoted(column)}::text NOT IN (${values.join(", ")})) NOT VALID;`,
            }))),
        { release: `${type} as it is: a value that no row holds and no code writes hurts nobody` },
      ],
    };
  },
};

/** The type that takes the name of this one later in the migration; null where none does. */
export function replacementOf(type: string, { changes, position }: FileSituation): string | null {
  const found = changes
    .slice(position + 1)
    .find((later) => later.kind === "rename-type" && later.to === type.split(".").at(-1));
  return found?.kind === "rename-type" ? found.type : null;
}
