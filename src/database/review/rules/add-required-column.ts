import { named, quoted, typeText } from "./names.ts";
import type { Rule } from "./rule.ts";

export const addRequiredColumn: Rule = {
  id: "add-required-column",
  severity: "high",
  catches: "A column that must have a value, and has none by default, is added to a table with rows",
  why:
    "The migration fails as soon as the table has one row; and where it has none, code of the previous release, which does " +
    "not know the column, can write none. Add it without NOT NULL, or with a constant default.",
  examples: {
    bad: [
      {
        before: "CREATE TABLE users (id bigint PRIMARY KEY);",
        sql: "ALTER TABLE users ADD COLUMN email text NOT NULL;",
      },
    ],
    good: [
      {
        before: "CREATE TABLE users (id bigint PRIMARY KEY);",
        sql: "ALTER TABLE users ADD COLUMN email text;",
      },
      {
        before: "CREATE TABLE users (id bigint PRIMARY KEY);",
        sql: "ALTER TABLE users ADD COLUMN email text NOT NULL DEFAULT '';",
      },
    ],
    goodInContext: [
      "CREATE TABLE draft (id bigint PRIMARY KEY); ALTER TABLE draft ADD COLUMN email text NOT NULL;",
    ],
  },
  check: (change, { schema }) => {
    if (change.kind !== "add-column" || schema.isNew(change.table)) return null;
    const { table, column } = change;
    const hasValue =
      (column.fallback !== null && column.fallback !== "null") ||
      column.identity ||
      column.generated !== null;
    if (!column.notNull || hasValue) return null;
    const check = named(table, column.name, "not_null");
    return {
      what: `${table}.${column.name} must have a value and has none in the rows that are there, nor in those that old code writes`,
      instead: [
        { sql: `ALTER TABLE ${quoted(table)} ADD COLUMN ${quoted(column.name)} ${typeText(column.type)};` },
        {
          release: `code that always writes ${table}.${column.name}, and a backfill of the rows before it in batches`,
        },
        {
          sql: `ALTER TABLE ${quoted(table)} ADD CONSTRAINT ${check} CHECK (${quoted(column.name)} IS NOT NULL) NOT VALID;`,
        },
        { sql: `ALTER TABLE ${quoted(table)} VALIDATE CONSTRAINT ${check};` },
        { sql: `ALTER TABLE ${quoted(table)} ALTER COLUMN ${quoted(column.name)} SET NOT NULL;` },
      ],
    };
  },
};
