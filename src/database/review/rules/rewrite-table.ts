import type { ChangeOf } from "../change.ts";
import type { Schema } from "../schema/schema.ts";
import { named, quoted } from "./names.ts";
import type { Found, Rule } from "./rule.ts";

export const rewriteTable: Rule = {
  id: "rewrite-table",
  severity: "high",
  catches: "SET LOGGED, UNLOGGED, TABLESPACE or ACCESS METHOD writes a whole table or index anew",
  why:
    "Nobody can read or write the table until all of its rows and indexes are copied, which needs as much disk again and as " +
    "much WAL. New rows that go to a new table, copied in batches, stop nobody.",
  examples: {
    bad: [
      {
        before: "CREATE UNLOGGED TABLE visits (id bigint PRIMARY KEY);",
        sql: "ALTER TABLE visits SET LOGGED;",
      },
      {
        before: "CREATE TABLE visits (id bigint PRIMARY KEY);",
        sql: "ALTER TABLE visits SET TABLESPACE fast;",
      },
      {
        before:
          "CREATE TABLE visits (id bigint PRIMARY KEY, at date); CREATE INDEX visits_at ON visits (at);",
        sql: "ALTER INDEX visits_at SET TABLESPACE fast;",
      },
    ],
    good: [
      {
        before: "CREATE UNLOGGED TABLE visits (id bigint PRIMARY KEY);",
        sql: "CREATE TABLE visits_logged (LIKE visits INCLUDING ALL);",
      },
    ],
    goodInContext: ["CREATE UNLOGGED TABLE import (id bigint PRIMARY KEY); ALTER TABLE import SET LOGGED;"],
  },
  check: (change, { schema }) => {
    if (change.kind === "index-option") return ofIndex(change, schema);
    if (change.kind !== "rewrite-table" || schema.isNew(change.table)) return null;
    const { table, by } = change;
    const copy = named(table, "copy");
    return {
      what: `${table} is written anew for ${by}, and nobody can read or write it meanwhile`,
      instead: [
        { sql: `CREATE TABLE ${copy} (LIKE ${quoted(table)} INCLUDING ALL);` },
        {
          release: `code that writes to both tables, a backfill of ${copy} in batches, code that reads from it; then ${table} may go`,
        },
      ],
    };
  },
};

function ofIndex({ name, movesFile }: ChangeOf<"index-option">, schema: Schema): Found | null {
  const table = schema.indexes.get(name);
  if (!movesFile || (table !== undefined && schema.isNew(table))) return null;
  return {
    what: `the index ${name} is written anew, and nobody can use it, or read its table, meanwhile`,
    instead: [
      { release: `the same index under another name in that tablespace, by CREATE INDEX CONCURRENTLY` },
      { sql: `DROP INDEX CONCURRENTLY ${quoted(name)};`, alone: true },
    ],
  };
}
