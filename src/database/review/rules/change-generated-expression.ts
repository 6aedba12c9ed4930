import { quoted, typeText } from "./names.ts";
import type { Rule, SafeStep } from "./rule.ts";

export const changeGeneratedExpression: Rule = {
  id: "change-generated-expression",
  severity: "high",
  catches: "A generated column gets another expression, or none: its values change, or stop coming",
  why:
    "SET EXPRESSION computes a stored column anew for each row while nobody can use the table, and old code reads values that " +
    "mean something else. After DROP EXPRESSION the rows that old code writes hold null in it.",
  examples: {
    bad: [
      {
        before:
          "CREATE TABLE users (id bigint PRIMARY KEY, n int, twice int GENERATED ALWAYS AS (n * 2) STORED);",
        sql: "ALTER TABLE users ALTER COLUMN twice SET EXPRESSION AS (n + n);",
      },
      {
        before:
          "CREATE TABLE users (id bigint PRIMARY KEY, n int, twice int GENERATED ALWAYS AS (n * 2) STORED);",
        sql: "ALTER TABLE users ALTER COLUMN twice DROP EXPRESSION;",
      },
    ],
    good: [
      {
        before:
          "CREATE TABLE users (id bigint PRIMARY KEY, n int, twice int GENERATED ALWAYS AS (n * 2) STORED);",
        sql: "ALTER TABLE users ADD COLUMN thrice int;",
      },
    ],
    goodInContext: [
      "CREATE TABLE draft (n int, twice int GENERATED ALWAYS AS (n * 2) STORED); ALTER TABLE draft ALTER COLUMN twice DROP EXPRESSION;",
    ],
  },
  check: (change, { schema }) => {
    if (change.kind !== "generated-expression" || schema.isNew(change.table)) return null;
    const { table, column, action } = change;
    const facts = schema.column(table, column);
    const next = `${column}_new`;
    const isStored = facts?.generated !== "virtual";
    const added: SafeStep =
      facts === undefined
        ? { release: `a migration that adds a column beside ${table}.${column}` }
        : { sql: `ALTER TABLE ${quoted(table)} ADD COLUMN ${quoted(next)} ${typeText(facts.type)};` };
    return {
      what:
        action === "drop"
          ? `rows that old code writes hold null in ${table}.${column}, which is no longer computed`
          : `${table}.${column} means something else for old code${isStored ? `, and ${table} is written anew while nobody can use it` : ""}`,
      instead: [
        added,
        { release: `code that writes ${next} and reads ${column}, and a backfill in batches` },
        { release: `code that uses ${next} only; then ${column} may go` },
      ],
    };
  },
};
