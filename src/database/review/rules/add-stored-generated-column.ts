import { quoted, typeText } from "./names.ts";
import type { Rule } from "./rule.ts";

export const addStoredGeneratedColumn: Rule = {
  id: "add-stored-generated-column",
  severity: "high",
  catches: "A stored generated column is added to a table with rows, which is written anew",
  why:
    "The value of each row is computed and written while nobody can read or write the table. A virtual one (from PostgreSQL 18 " +
    "on) is computed when it is read; a view or a plain column that code fills does it before.",
  examples: {
    bad: [
      {
        before: "CREATE TABLE users (id bigint PRIMARY KEY, email text);",
        sql: "ALTER TABLE users ADD COLUMN email_lower text GENERATED ALWAYS AS (lower(email)) STORED;",
      },
    ],
    good: [
      {
        before: "CREATE TABLE users (id bigint PRIMARY KEY, email text);",
        sql: "ALTER TABLE users ADD COLUMN email_lower text;",
      },
      {
        before: "CREATE TABLE users (id bigint PRIMARY KEY, email text);",
        sql: "ALTER TABLE users ADD COLUMN email_lower text GENERATED ALWAYS AS (lower(email)) VIRTUAL;",
        postgres: 18,
      },
    ],
    goodInContext: [
      "CREATE TABLE draft (id bigint PRIMARY KEY); ALTER TABLE draft ADD COLUMN twice bigint GENERATED ALWAYS AS (id * 2) STORED;",
    ],
  },
  check: (change, { schema, postgres }) => {
    if (change.kind !== "add-column" || schema.isNew(change.table)) return null;
    const { table, column } = change;
    if (column.generated !== "stored") return null;
    return {
      what: `${column.name} is computed for each row of ${table}: it is written anew, and nobody can read or write it meanwhile`,
      instead: [
        ...(postgres >= 18
          ? [
              {
                release: `the same column as VIRTUAL, which is computed when it is read; or, where it has to be stored:`,
              },
            ]
          : []),
        { sql: `ALTER TABLE ${quoted(table)} ADD COLUMN ${quoted(column.name)} ${typeText(column.type)};` },
        {
          release: `code that writes ${table}.${column.name}, and a backfill of the rows before it in batches`,
        },
      ],
    };
  },
};
