import { moveInBatches } from "./batches.ts";
import { named, quoted } from "./names.ts";
import type { Rule } from "./rule.ts";

export const deleteRows: Rule = {
  id: "delete-rows",
  severity: "high",
  catches: "Rows of a table that is in use are deleted, and kept nowhere",
  why:
    "No migration brings them back, and a WHERE that is a little wrong is seen too late. A statement that moves them to a table beside " +
    "it, by DELETE ... RETURNING * within INSERT, does the same and can be undone.",
  examples: {
    bad: [
      {
        before: "CREATE TABLE carts (id int PRIMARY KEY, at date);",
        sql: "DELETE FROM carts WHERE at < '2020-01-01';",
      },
      {
        before: "CREATE TABLE carts (id int PRIMARY KEY); CREATE TABLE ids (id int);",
        sql: "WITH gone AS (DELETE FROM carts WHERE id < 9 RETURNING id) INSERT INTO ids SELECT id FROM gone;",
      },
    ],
    good: [
      {
        before: "CREATE TABLE carts (id int PRIMARY KEY, at date); CREATE TABLE old_carts (LIKE carts);",
        sql:
          "WITH gone AS (DELETE FROM carts WHERE at < '2020-01-01' RETURNING *) " +
          "INSERT INTO old_carts SELECT * FROM gone;",
      },
    ],
    goodInContext: ["CREATE TABLE carts (id int PRIMARY KEY); DELETE FROM carts WHERE id < 9;"],
  },
  check: (change, { schema }) => {
    if (
      change.kind !== "delete" ||
      !change.where ||
      schema.keeps(change.keptIn) ||
      schema.isNew(change.table)
    )
      return null;
    const { table } = change;
    const kept = named(table, "deleted");
    return {
      what: `rows of ${table} are deleted for good${change.bounded ? "" : ", and their number is not limited"}`,
      instead: [
        { sql: `CREATE TABLE ${kept} (LIKE ${quoted(table)} INCLUDING DEFAULTS);` },
        { sql: moveInBatches(schema, table, kept) },
      ],
    };
  },
};
