import { named, quoted } from "./names.ts";
import type { Rule } from "./rule.ts";

export const rewriteTable: Rule = {
  id: "rewrite-table",
  severity: "high",
  catches: "SET LOGGED, UNLOGGED, TABLESPACE or ACCESS METHOD writes the whole table anew",
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
