import { quoted } from "./names.ts";
import type { Rule } from "./rule.ts";

export const detachPartition: Rule = {
  id: "detach-partition",
  severity: "medium",
  catches: "A partition is detached, and all queries of the whole table wait for it",
  why:
    "DETACH PARTITION takes ACCESS EXCLUSIVE on the partitioned table: each query of any partition waits behind it. From " +
    "PostgreSQL 14 on, CONCURRENTLY stops nobody; it must stand outside of a transaction, and there must be no default partition.",
  examples: {
    bad: [
      {
        before:
          "CREATE TABLE visits (id bigint, at date) PARTITION BY RANGE (at);" +
          "CREATE TABLE visits_2020 PARTITION OF visits FOR VALUES FROM ('2020-01-01') TO ('2021-01-01');",
        sql: "ALTER TABLE visits DETACH PARTITION visits_2020;",
      },
    ],
    good: [
      {
        before:
          "CREATE TABLE visits (id bigint, at date) PARTITION BY RANGE (at);" +
          "CREATE TABLE visits_2020 PARTITION OF visits FOR VALUES FROM ('2020-01-01') TO ('2021-01-01');",
        sql: "ALTER TABLE visits DETACH PARTITION visits_2020 CONCURRENTLY;",
      },
    ],
    goodInContext: [
      "CREATE TABLE draft (id bigint) PARTITION BY LIST (id); CREATE TABLE draft_1 PARTITION OF draft FOR VALUES IN (1);" +
        "ALTER TABLE draft DETACH PARTITION draft_1;",
    ],
  },
  check: (change, { schema, postgres }) => {
    if (change.kind !== "detach-partition" || change.concurrently || schema.isNew(change.table)) return null;
    const { table, partition } = change;
    const isPossible = postgres >= 14 && (schema.tables.get(table)?.defaultPartition ?? null) === null;
    return {
      what: `all queries of ${table} wait while ${partition} is detached`,
      instead: isPossible
        ? [
            {
              sql: `ALTER TABLE ${quoted(table)} DETACH PARTITION ${quoted(partition)} CONCURRENTLY;`,
              alone: true,
            },
          ]
        : [
            {
              release:
                "the DETACH PARTITION in a migration of its own with a short lock_timeout, tried again until it gets the lock",
            },
          ],
    };
  },
};
