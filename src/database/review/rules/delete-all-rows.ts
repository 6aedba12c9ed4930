import { moveInBatches } from "./batches.ts";
import { named, quoted } from "./names.ts";
import type { Rule } from "./rule.ts";

export const deleteAllRows: Rule = {
  id: "delete-all-rows",
  severity: "critical",
  catches: "A DELETE without WHERE empties a table that is in use",
  why:
    "The rows are gone, and no migration brings them back; those that others refer to go with theirs, by ON DELETE CASCADE. Moved to " +
    "a table beside it, in batches, they can be looked at, and brought back, until somebody drops that.",
  examples: {
    bad: [
      { before: "CREATE TABLE carts (id int PRIMARY KEY);", sql: "DELETE FROM carts;" },
      { before: "CREATE TABLE carts (id int PRIMARY KEY);", sql: "DELETE FROM carts WHERE 1 = 1;" },
    ],
    good: [
      {
        before: "CREATE TABLE carts (id int PRIMARY KEY); CREATE TABLE old_carts (LIKE carts);",
        sql: "WITH gone AS (DELETE FROM carts WHERE id < 1000 RETURNING *) INSERT INTO old_carts SELECT * FROM gone;",
      },
    ],
    goodInContext: ["CREATE TABLE carts (id int PRIMARY KEY); DELETE FROM carts;"],
  },
  check: (change, { schema }) => {
    if (change.kind !== "delete" || change.where || schema.keeps(change.keptIn) || schema.isNew(change.table))
      return null;
    const { table } = change;
    const kept = named(table, "deleted");
    return {
      what: `all rows of ${table} are deleted, and with them those that refer to them by ON DELETE CASCADE`,
      instead: [
        { release: `code that does not need the rows of ${table}` },
        { sql: `CREATE TABLE ${kept} (LIKE ${quoted(table)} INCLUDING DEFAULTS);` },
        { sql: moveInBatches(schema, table, kept) },
      ],
    };
  },
};
