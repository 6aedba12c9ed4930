import type { Rule } from "./rule.ts";

export const clusterTable: Rule = {
  id: "cluster-table",
  severity: "high",
  catches: "CLUSTER writes a table anew in the order of an index, and nobody can use it meanwhile",
  why:
    "It copies all rows and builds all indexes again, under ACCESS EXCLUSIVE. Rows that are written later stand in no order again. What " +
    "does the same while others work are tools such as pg_repack.",
  examples: {
    bad: [
      { before: "CREATE TABLE orders (id int PRIMARY KEY);", sql: "CLUSTER orders USING orders_pkey;" },
      "CLUSTER;",
    ],
    good: [
      {
        before: "CREATE TABLE orders (id int PRIMARY KEY);",
        sql: "ALTER TABLE orders CLUSTER ON orders_pkey;",
      },
    ],
    goodInContext: ["CREATE TABLE orders (id int PRIMARY KEY); CLUSTER orders USING orders_pkey;"],
  },
  check: (change, { schema }) => {
    if (change.kind !== "cluster" || (change.table !== null && schema.isNew(change.table))) return null;
    return {
      what: `nobody can read or write ${change.table ?? "any table that was clustered before"} while it is written anew`,
      instead: [],
    };
  },
};
