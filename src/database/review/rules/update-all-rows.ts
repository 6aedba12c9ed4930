import { updateInBatches } from "./batches.ts";
import type { Rule } from "./rule.ts";

export const updateAllRows: Rule = {
  id: "update-all-rows",
  severity: "high",
  catches: "An UPDATE without WHERE writes each row of a table that is in use",
  why:
    "Each row stays locked until the transaction ends: code that writes one of them waits for all of them. The table grows by a copy " +
    "of itself, and standbys fall behind. Batches of some thousand rows, each a transaction of its own, stop nobody for long, and " +
    "can be cut off and gone on with. Values that were there are gone.",
  examples: {
    bad: [
      {
        before: "CREATE TABLE users (id int PRIMARY KEY, nick text);",
        sql: "UPDATE users SET nick = 'none';",
      },
      { before: "CREATE TABLE users (a int, b int);", sql: "UPDATE users SET a = b, b = a WHERE true;" },
    ],
    good: [
      {
        before: "CREATE TABLE users (id int PRIMARY KEY, nick text);",
        sql: "UPDATE users SET nick = 'none' WHERE id BETWEEN 1 AND 1000;",
      },
    ],
    goodInContext: ["CREATE TABLE users (id int PRIMARY KEY, nick text); UPDATE users SET nick = 'none';"],
  },
  check: (change, { schema }) => {
    if (change.kind !== "update" || change.where || schema.isNew(change.table)) return null;
    const { table, columns } = change;
    return {
      what: `all rows of ${table} are written in one statement, and stay locked until the transaction ends`,
      instead: [{ sql: updateInBatches(schema, table, columns) }],
    };
  },
};
