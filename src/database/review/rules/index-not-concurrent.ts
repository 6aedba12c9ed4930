import { concurrently, onEachPartition } from "./indexes.ts";
import type { Rule } from "./rule.ts";

export const indexNotConcurrent: Rule = {
  id: "index-not-concurrent",
  severity: "high",
  catches: "An index is built on a table that is in use, and nobody can write to it meanwhile",
  why:
    "CREATE INDEX takes SHARE: INSERT, UPDATE and DELETE wait until all rows are read and sorted. CONCURRENTLY lets them " +
    "go on; it takes longer, must stand outside of a transaction, and leaves an invalid index behind when it fails.",
  examples: {
    bad: [
      {
        before: "CREATE TABLE orders (id int PRIMARY KEY, buyer int);",
        sql: "CREATE INDEX orders_buyer ON orders (buyer);",
      },
      {
        before:
          "CREATE TABLE events (at date, kind int) PARTITION BY RANGE (at);" +
          "CREATE TABLE events_2026 PARTITION OF events FOR VALUES FROM ('2026-01-01') TO ('2027-01-01');",
        sql: "CREATE INDEX events_kind ON events (kind);",
      },
    ],
    good: [
      {
        before: "CREATE TABLE orders (id int PRIMARY KEY, buyer int);",
        sql: "CREATE INDEX CONCURRENTLY orders_buyer ON orders (buyer);",
      },
    ],
    goodInContext: [
      "CREATE TABLE orders (id int PRIMARY KEY, buyer int); CREATE INDEX orders_buyer ON orders (buyer);",
    ],
  },
  check: (change, { schema }) => {
    if (change.kind !== "create-index" || change.concurrently || schema.isNew(change.table)) return null;
    const { table } = change;
    const isPartitioned = schema.tables.get(table)?.partitioned === true;
    // There are no rows in the parent of partitions.
    if (isPartitioned && change.only) return null;
    const sql = concurrently(change);
    return {
      what: `nobody can write to ${table} while its index ${change.name} is built`,
      instead: isPartitioned ? onEachPartition(change, schema) : sql === null ? [] : [{ sql, alone: true }],
    };
  },
};
