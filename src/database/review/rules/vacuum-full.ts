import { listed, quoted } from "./names.ts";
import type { Rule } from "./rule.ts";

export const vacuumFull: Rule = {
  id: "vacuum-full",
  severity: "high",
  catches: "VACUUM FULL writes a table anew, and nobody can read or write it meanwhile",
  why:
    "It copies all rows and builds all indexes again, under ACCESS EXCLUSIVE, and needs room for a second table. VACUUM makes the room " +
    "of dead rows usable without stopping anybody; what gives it back to the disk while others work are tools such as pg_repack.",
  examples: {
    bad: [
      { before: "CREATE TABLE orders (id int PRIMARY KEY);", sql: "VACUUM FULL orders;" },
      "VACUUM (FULL, ANALYZE);",
    ],
    good: [{ before: "CREATE TABLE orders (id int PRIMARY KEY);", sql: "VACUUM (ANALYZE) orders;" }],
    goodInContext: ["VACUUM (FULL off);"],
  },
  check: (change, { schema }) => {
    if (change.kind !== "vacuum" || !change.full) return null;
    if (change.table !== null && schema.isNew(change.table)) return null;
    const { table } = change;
    return {
      what: `nobody can read or write ${listed([table ?? "any table of the database"])} while it is written anew`,
      instead: [{ sql: `VACUUM (ANALYZE)${table === null ? "" : ` ${quoted(table)}`};`, alone: true }],
    };
  },
};
