import { blockedBy } from "../effects/effects.ts";
import { isLongWrite } from "../progress.ts";
import type { Rule } from "./rule.ts";
import { hasLimit } from "./settings.ts";

export const statementTimeoutMissing: Rule = {
  id: "statement-timeout-missing",
  severity: "low",
  once: true,
  catches: "A statement that takes longer the more rows there are holds its locks without a limit",
  why:
    "lock_timeout ends the wait for a lock, and says nothing about how long it is held. Whatever reads or writes all rows goes on for " +
    "as long as that takes; with statement_timeout it gives up, and everybody else goes on.",
  examples: {
    bad: [
      {
        before: "CREATE TABLE users (id int PRIMARY KEY, age int);",
        sql: "ALTER TABLE users ALTER COLUMN age TYPE text;",
      },
      {
        before: "CREATE TABLE users (id int PRIMARY KEY, nick text);",
        sql: "UPDATE users SET nick = 'none';",
      },
    ],
    good: [
      {
        before: "CREATE TABLE users (id int PRIMARY KEY, age int);",
        sql: "SET LOCAL statement_timeout = '1min'; ALTER TABLE users ALTER COLUMN age TYPE text;",
      },
    ],
    goodInContext: [
      "CREATE TABLE users (id int PRIMARY KEY, age int); ALTER TABLE users ALTER COLUMN age TYPE text;",
      { before: "CREATE TABLE users (id int PRIMARY KEY);", sql: "ALTER TABLE users ADD COLUMN nick text;" },
      {
        before: "CREATE TABLE users (id int PRIMARY KEY, age int);",
        sql: "CREATE INDEX CONCURRENTLY users_age ON users (age);",
      },
    ],
  },
  check: (change, { file, locks, schema }) => {
    if (hasLimit(file.settings, "statement_timeout")) return null;
    const strong = locks.find(({ mode, held }) => held === "growing" && /writes/.test(blockedBy(mode)));
    const table = strong?.table ?? (isLongWrite(change) ? change.table : undefined);
    if (table === undefined || schema.isNew(table)) return null;
    return {
      what: `it keeps what it locks of ${table} for as long as its rows take, without a limit`,
      instead: [{ sql: `SET ${file.isOneTransaction ? "LOCAL " : ""}statement_timeout = '1min';` }],
    };
  },
};
