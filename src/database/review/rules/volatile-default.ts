import { quoted, typeText } from "./names.ts";
import type { Rule, SafeStep } from "./rule.ts";

export const volatileDefault: Rule = {
  id: "volatile-default",
  severity: "high",
  catches: "A column is added with a default that is another value for each row: the table is written anew",
  why:
    "A constant, or now(), is kept once for all rows that are there (from PostgreSQL 11 on). gen_random_uuid(), random() or a " +
    "function that nobody knows is called for each row, and nobody can read or write the table until all are written.",
  examples: {
    bad: [
      {
        before: "CREATE TABLE users (id bigint PRIMARY KEY);",
        sql: "ALTER TABLE users ADD COLUMN token uuid DEFAULT gen_random_uuid();",
      },
      {
        before: "CREATE TABLE users (id bigint PRIMARY KEY);",
        sql: "ALTER TABLE users ADD COLUMN active boolean NOT NULL DEFAULT true;",
        postgres: 10,
      },
    ],
    good: [
      {
        before: "CREATE TABLE users (id bigint PRIMARY KEY);",
        sql: "ALTER TABLE users ADD COLUMN token uuid; ALTER TABLE users ALTER COLUMN token SET DEFAULT gen_random_uuid();",
      },
      {
        before: "CREATE TABLE users (id bigint PRIMARY KEY);",
        sql: "ALTER TABLE users ADD COLUMN since timestamptz NOT NULL DEFAULT now();",
      },
    ],
    goodInContext: [
      "CREATE TABLE draft (id bigint PRIMARY KEY); ALTER TABLE draft ADD COLUMN token uuid DEFAULT gen_random_uuid();",
      {
        before: "CREATE TABLE users (id bigint PRIMARY KEY);",
        sql: "ALTER TABLE users ADD COLUMN active boolean NOT NULL DEFAULT true;",
        postgres: 11,
      },
    ],
  },
  check: (change, { schema, postgres }) => {
    if (change.kind !== "add-column" || schema.isNew(change.table)) return null;
    const { table, column } = change;
    if (column.type.serial || column.fallback === null || column.fallback === "null") return null;
    if (column.fallback !== "volatile" && postgres >= 11) return null;
    const name = quoted(column.name);
    const value = column.fallbackSql;
    const set: SafeStep =
      value === null
        ? {
            release: `a migration that sets the default of ${table}.${column.name}, which then counts for new rows`,
          }
        : { sql: `ALTER TABLE ${quoted(table)} ALTER COLUMN ${name} SET DEFAULT ${value};` };
    return {
      what: `a default is computed for each row of ${table}: it is written anew, and nobody can read or write it meanwhile`,
      instead: [
        { sql: `ALTER TABLE ${quoted(table)} ADD COLUMN ${name} ${typeText(column.type)};` },
        set,
        { release: `a backfill of ${table}.${column.name} in batches, where it is null` },
      ],
    };
  },
};
