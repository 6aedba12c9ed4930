import { quoted } from "./names.ts";
import type { Rule } from "./rule.ts";

export const mergeRows: Rule = {
  id: "merge-rows",
  severity: "medium",
  catches: "MERGE writes a table that is in use, from a whole other one",
  why:
    "All rows that it writes stay locked until it ends, and a row that somebody else inserts meanwhile makes it fail with a duplicate " +
    "key: unlike INSERT ... ON CONFLICT it does not look again. With WHEN ... DELETE it also loses rows.",
  examples: {
    bad: [
      {
        before:
          "CREATE TABLE stock (id int PRIMARY KEY, n int); CREATE TABLE arrivals (id int PRIMARY KEY, n int);",
        sql: "MERGE INTO stock s USING arrivals a ON s.id = a.id WHEN NOT MATCHED THEN INSERT VALUES (a.id, a.n);",
      },
      {
        before: "CREATE TABLE stock (id int PRIMARY KEY, n int); CREATE TABLE sold (id int PRIMARY KEY);",
        sql: "MERGE INTO stock s USING sold a ON s.id = a.id WHEN MATCHED THEN DELETE;",
      },
    ],
    good: [
      {
        before:
          "CREATE TABLE stock (id int PRIMARY KEY, n int); CREATE TABLE arrivals (id int PRIMARY KEY, n int);",
        sql: "INSERT INTO stock SELECT id, n FROM arrivals WHERE id <= 1000 ON CONFLICT (id) DO UPDATE SET n = excluded.n;",
      },
    ],
    goodInContext: [
      {
        before: "CREATE TABLE arrivals (id int PRIMARY KEY);",
        sql: "CREATE TABLE stock (id int); MERGE INTO stock s USING arrivals a ON s.id = a.id WHEN NOT MATCHED THEN INSERT VALUES (a.id);",
      },
    ],
  },
  check: (change, { schema }) => {
    if (change.kind !== "merge" || schema.isNew(change.table)) return null;
    const { table, sources, deletes } = change;
    const [source, ...others] = sources;
    return {
      what: deletes
        ? `it deletes rows of ${table} for good, and fails when somebody inserts the same row meanwhile`
        : `it locks each row of ${table} that it writes, and fails when somebody inserts the same row meanwhile`,
      ...(deletes ? { severity: "high" } : {}),
      instead:
        deletes || source === undefined || others.length > 0
          ? []
          : [
              {
                sql: `INSERT INTO ${quoted(table)} SELECT * FROM ${quoted(source)} WHERE $1 LIMIT 1000 ON CONFLICT DO NOTHING;`,
              },
            ],
    };
  },
};
