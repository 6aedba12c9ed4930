import { updateInBatches } from "./batches.ts";
import type { Rule } from "./rule.ts";

export const backfillInOneStatement: Rule = {
  id: "backfill-in-one-statement",
  severity: "medium",
  catches: "An UPDATE whose WHERE may hold for each row: nothing in it is a constant or a limit",
  why:
    "WHERE nick IS NULL, on a column that was just added, is all rows: they stay locked until the transaction ends, and the table " +
    "grows by a copy of itself. Batches of some thousand rows, each a transaction of its own, do the same without stopping anybody.",
  examples: {
    bad: [
      {
        before: "CREATE TABLE users (id int PRIMARY KEY, nick text);",
        sql: "UPDATE users SET nick = 'none' WHERE nick IS NULL;",
      },
      {
        before:
          "CREATE TABLE users (id int PRIMARY KEY, nick text); CREATE TABLE names (id int PRIMARY KEY, nick text);",
        sql: "UPDATE users SET nick = n.nick FROM names n WHERE n.id = users.id;",
      },
    ],
    good: [
      {
        before: "CREATE TABLE users (id int PRIMARY KEY, nick text);",
        sql: "UPDATE users SET nick = 'none' WHERE id IN (SELECT id FROM users WHERE nick IS NULL LIMIT 1000);",
      },
      {
        before: "CREATE TABLE users (id int PRIMARY KEY, nick text);",
        sql: "UPDATE users SET nick = 'none' WHERE nick IS NULL AND id > 1000 AND id <= 2000;",
      },
    ],
    goodInContext: [
      "CREATE TABLE users (id int PRIMARY KEY, nick text); UPDATE users SET nick = 'none' WHERE nick IS NULL;",
    ],
  },
  check: (change, { schema }) => {
    if (change.kind !== "update" || !change.where || change.bounded || schema.isNew(change.table))
      return null;
    const { table, columns } = change;
    return {
      what: `its WHERE may hold for all rows of ${table}, which stay locked until the transaction ends`,
      instead: [{ sql: updateInBatches(schema, table, columns) }],
    };
  },
};
