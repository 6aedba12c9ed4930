import type { Rule } from "./rule.ts";

export const dropNotNull: Rule = {
  id: "drop-not-null",
  severity: "low",
  catches: "A column may be null from now on, and code of the previous release has never met null in it",
  why:
    "The statement itself hurts nobody. As soon as new code writes null, old code that is still live, or that somebody goes " +
    "back to, reads it: an ORM that declares the field as required fails on such rows.",
  examples: {
    bad: [
      {
        before: "CREATE TABLE users (id bigint PRIMARY KEY, name text NOT NULL);",
        sql: "ALTER TABLE users ALTER COLUMN name DROP NOT NULL;",
      },
    ],
    good: [
      {
        before: "CREATE TABLE users (id bigint PRIMARY KEY, name text NOT NULL);",
        sql: "ALTER TABLE users ALTER COLUMN name SET DEFAULT '';",
      },
    ],
    goodInContext: [
      {
        before: "CREATE TABLE users (id bigint PRIMARY KEY, name text);",
        sql: "ALTER TABLE users ALTER COLUMN name DROP NOT NULL;",
      },
      "CREATE TABLE draft (name text NOT NULL); ALTER TABLE draft ALTER COLUMN name DROP NOT NULL;",
      {
        before: "CREATE TABLE users (id bigint PRIMARY KEY, nick text NOT NULL);",
        sql: "ALTER TABLE users ALTER COLUMN nick DROP NOT NULL;",
        unused: ["users.nick"],
      },
    ],
  },
  check: (change, { schema, uses }) => {
    if (change.kind !== "drop-not-null") return null;
    const { table, column } = change;
    if (schema.isNewColumn(table, column) || uses.column(table, column).state === "unused") return null;
    if (schema.column(table, column)?.notNull === false) return null;
    return {
      what: `${table}.${column} may be empty: code of the previous release reads null once new code writes it`,
      instead: [{ release: `code that can read null in ${table}.${column}, before any that writes it` }],
    };
  },
};
