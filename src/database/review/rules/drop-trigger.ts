import type { Rule } from "./rule.ts";

export const dropTrigger: Rule = {
  id: "drop-trigger",
  severity: "medium",
  catches: "A trigger of a table that is in use is dropped",
  why:
    "What it kept in order at each write is kept by nobody from then on: copies in other columns and tables, times of the last change, " +
    "a log. Nothing fails, and it is seen when somebody misses it. DROP TRIGGER also waits for all who read or write the table.",
  examples: {
    bad: [
      { before: "CREATE TABLE orders (id int PRIMARY KEY);", sql: "DROP TRIGGER seen ON orders;" },
      {
        before: "CREATE TABLE shop.orders (id int PRIMARY KEY);",
        sql: "DROP TRIGGER IF EXISTS seen ON shop.orders;",
      },
    ],
    good: [
      {
        before: "CREATE TABLE orders (id int PRIMARY KEY);",
        sql: "COMMENT ON TRIGGER seen ON orders IS 'to go';",
      },
    ],
    goodInContext: ["CREATE TABLE orders (id int PRIMARY KEY); DROP TRIGGER seen ON orders;"],
  },
  check: (change, { schema }) => {
    if (change.kind !== "drop-trigger" || schema.isNew(change.table)) return null;
    return {
      what: `what ${change.name} does at each write to ${change.table} is not done any more`,
      instead: [{ release: `code that does itself what ${change.name} does, or does not need it` }],
    };
  },
};
