import { quoted, typeText } from "./names.ts";
import { replacement } from "./replacement.ts";
import type { Rule, SafeStep } from "./rule.ts";

export const renameColumn: Rule = {
  id: "rename-column",
  severity: "high",
  removes: true,
  catches: "A column gets another name while code that is live uses the old one",
  why:
    "Between the migration and the last replica of the new release, one of both versions names a column that is not there. " +
    "A new column beside the old one, written by both for a while, lets each version find its own.",
  examples: {
    bad: [
      {
        before: "CREATE TABLE users (id bigint PRIMARY KEY, nick varchar(40));",
        sql: "ALTER TABLE users RENAME COLUMN nick TO handle;",
      },
      { sql: 'ALTER TABLE "User" RENAME COLUMN "nick" TO "handle";' },
    ],
    good: [
      {
        before: "CREATE TABLE users (id bigint PRIMARY KEY, nick varchar(40));",
        sql: "ALTER TABLE users ADD COLUMN handle varchar(40);",
      },
    ],
    goodInContext: [
      "CREATE TABLE draft (id bigint PRIMARY KEY, a text); ALTER TABLE draft RENAME COLUMN a TO b;",
      {
        before: "CREATE TABLE users (id bigint PRIMARY KEY);",
        sql: "ALTER TABLE users ADD COLUMN nick text; ALTER TABLE users RENAME COLUMN nick TO handle;",
      },
      {
        before: "CREATE TABLE users (id bigint PRIMARY KEY, nick text);",
        sql: "ALTER TABLE users RENAME COLUMN nick TO handle;",
        unused: ["users.nick"],
      },
    ],
  },
  check: (change, { schema, uses }) => {
    if (change.kind !== "rename-column") return null;
    const { table, column, to } = change;
    if (schema.isNewColumn(table, column) || uses.column(table, column).state === "unused") return null;
    const type = schema.typeOf(table, column);
    const added: SafeStep =
      type === undefined
        ? { release: `a migration that adds ${table}.${to} with the type of ${column}` }
        : { sql: `ALTER TABLE ${quoted(table)} ADD COLUMN ${quoted(to)} ${typeText(type)};` };
    const fill = `a backfill of ${to} from ${column} in batches, each in a transaction of its own`;
    return {
      what: `code that uses ${table}.${column} fails: it is called ${to} from then on`,
      instead: [added, ...replacement(schema, table, { old: column, next: to }, fill)],
    };
  },
};
