import { onEachPartition } from "./indexes.ts";
import type { Rule } from "./rule.ts";

export const concurrentlyOnPartitioned: Rule = {
  id: "concurrently-on-partitioned",
  severity: "high",
  catches: "An index of a partitioned table is built CONCURRENTLY, which PostgreSQL refuses",
  why:
    "CREATE INDEX CONCURRENTLY works on one table with rows; for a partitioned one it is an error, and the migration fails. " +
    "An index ON ONLY the parent is made at once, one on each partition CONCURRENTLY, and those are attached to it.",
  examples: {
    bad: [
      {
        before:
          "CREATE TABLE events (at date, kind int) PARTITION BY RANGE (at);" +
          "CREATE TABLE events_2026 PARTITION OF events FOR VALUES FROM ('2026-01-01') TO ('2027-01-01');",
        sql: "CREATE INDEX CONCURRENTLY events_kind ON events (kind);",
      },
    ],
    good: [
      {
        before: "CREATE TABLE events (at date, kind int) PARTITION BY RANGE (at);",
        sql: "CREATE INDEX events_kind ON ONLY events (kind);",
      },
    ],
    goodInContext: [
      {
        before:
          "CREATE TABLE events (at date, kind int) PARTITION BY RANGE (at);" +
          "CREATE TABLE events_2026 PARTITION OF events FOR VALUES FROM ('2026-01-01') TO ('2027-01-01');",
        sql: "CREATE INDEX CONCURRENTLY events_2026_kind ON events_2026 (kind);",
      },
    ],
  },
  check: (change, { schema }) => {
    if (change.kind !== "create-index" || !change.concurrently) return null;
    if (schema.tables.get(change.table)?.partitioned !== true) return null;
    return {
      what: `${change.table} is partitioned: PostgreSQL refuses to build an index on it CONCURRENTLY, and the migration fails`,
      instead: onEachPartition(change, schema),
    };
  },
};
