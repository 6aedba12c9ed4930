import { quoted } from "./names.ts";
import type { Rule } from "./rule.ts";

export const dropColumn: Rule = {
  id: "drop-column",
  severity: "critical",
  removes: true,
  catches: "A column is dropped, and with it the values in it",
  why:
    "Code of the previous release that reads or writes the column fails at once, also SELECT * of an ORM that lists its columns. " +
    "The values are gone: a later migration brings back the column, and not what was in it.",
  examples: {
    bad: [
      {
        before: "CREATE TABLE users (id int PRIMARY KEY, nick text);",
        sql: "ALTER TABLE users DROP COLUMN nick;",
      },
    ],
    good: [
      {
        before: "CREATE TABLE users (id int PRIMARY KEY, nick text);",
        sql: "ALTER TABLE users ALTER COLUMN nick DROP NOT NULL;",
      },
    ],
    goodInContext: [
      "CREATE TABLE users (id int PRIMARY KEY, nick text); ALTER TABLE users DROP COLUMN nick;",
    ],
  },
  check: (change, { schema }) => {
    if (change.kind !== "drop-column" || schema.isNewColumn(change.table, change.column)) return null;
    const { table, column } = change;
    return {
      what: `${table}.${column} is dropped, with all that is in it`,
      instead: [
        { sql: `ALTER TABLE ${quoted(table)} ALTER COLUMN ${quoted(column)} DROP NOT NULL;` },
        {
          release: `code that neither reads nor writes ${table}.${column}; wait until no release that uses it is live`,
        },
      ],
    };
  },
};
