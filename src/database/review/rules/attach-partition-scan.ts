import { isProvenPartition } from "../effects/work.ts";
import { named, quoted } from "./names.ts";
import type { Rule } from "./rule.ts";

export const attachPartitionScan: Rule = {
  id: "attach-partition-scan",
  severity: "medium",
  catches: "A table is attached as a partition, and all of its rows are read under a lock first",
  why:
    "ATTACH PARTITION looks at each row of the table, and of the default partition if there is one, while nobody can read " +
    "or write them. A check that says the same as the bounds, validated before, makes it instant.",
  examples: {
    bad: [
      {
        before:
          "CREATE TABLE visits (id bigint, at date NOT NULL) PARTITION BY RANGE (at); CREATE TABLE visits_2026 (id bigint, at date NOT NULL);",
        sql: "ALTER TABLE visits ATTACH PARTITION visits_2026 FOR VALUES FROM ('2026-01-01') TO ('2027-01-01');",
      },
      {
        before:
          "CREATE TABLE visits (id bigint, country text) PARTITION BY LIST (country); CREATE TABLE visits_de (id bigint, country text);",
        sql: "ALTER TABLE visits ATTACH PARTITION visits_de FOR VALUES IN ('de', 'at');",
      },
    ],
    good: [
      {
        before:
          "CREATE TABLE visits (id bigint, at date NOT NULL) PARTITION BY RANGE (at); CREATE TABLE visits_2026 (id bigint, at date NOT NULL);" +
          "ALTER TABLE visits_2026 ADD CONSTRAINT visits_2026_bound CHECK (at >= '2026-01-01' AND at < '2027-01-01') NOT VALID;" +
          "ALTER TABLE visits_2026 VALIDATE CONSTRAINT visits_2026_bound;",
        sql: "ALTER TABLE visits ATTACH PARTITION visits_2026 FOR VALUES FROM ('2026-01-01') TO ('2027-01-01');",
      },
    ],
    goodInContext: [
      {
        before: "CREATE TABLE visits (id bigint, at date NOT NULL) PARTITION BY RANGE (at);",
        sql:
          "CREATE TABLE visits_2027 (id bigint, at date NOT NULL);" +
          "ALTER TABLE visits ATTACH PARTITION visits_2027 FOR VALUES FROM ('2027-01-01') TO ('2028-01-01');",
      },
    ],
  },
  check: (change, at) => {
    if (change.kind !== "attach-partition" || at.schema.isNew(change.partition)) return null;
    const { table, partition, bound } = change;
    if (isProvenPartition(table, partition, at)) return null;
    const check = named(partition, "bound");
    const columns = at.schema.tables.get(table)?.partitionKey ?? [];
    const key = columns.flatMap((column) => (column === null ? [] : [quoted(column)]));
    const isKnown = bound !== null && key.length > 0 && key.length === columns.length;
    return {
      what: `all rows of ${partition} are read while nobody can use it, to see whether they belong to ${table}`,
      instead: isKnown
        ? [
            {
              sql: `ALTER TABLE ${quoted(partition)} ADD CONSTRAINT ${check} CHECK (${bound(key)}) NOT VALID;`,
            },
            { sql: `ALTER TABLE ${quoted(partition)} VALIDATE CONSTRAINT ${check};` },
            { release: "the ATTACH PARTITION, which then reads no row; drop the check after it" },
          ]
        : [],
    };
  },
};
