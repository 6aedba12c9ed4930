import { listed, quoted } from "./names.ts";
import type { Rule } from "./rule.ts";

export const insertFromQuery: Rule = {
  id: "insert-from-query",
  severity: "medium",
  catches: "Rows are copied from a whole table that is in use",
  why:
    "It is one long transaction, which keeps VACUUM from its work on all tables. What live code writes to the source after it has begun " +
    "is not in the copy: code that writes to both has to be live first. Batches over the key can be cut off and gone on with.",
  examples: {
    bad: [
      {
        before: "CREATE TABLE orders (id int PRIMARY KEY, total int);",
        sql: "CREATE TABLE totals (id int PRIMARY KEY, total int); INSERT INTO totals SELECT id, total FROM orders;",
      },
    ],
    good: [
      {
        before:
          "CREATE TABLE orders (id int PRIMARY KEY, total int); CREATE TABLE totals (id int PRIMARY KEY, total int);",
        sql: "INSERT INTO totals SELECT id, total FROM orders WHERE id BETWEEN 1 AND 1000;",
      },
    ],
    goodInContext: [
      "CREATE TABLE a (id int); CREATE TABLE b (id int); INSERT INTO b SELECT id FROM a;",
      {
        before: "CREATE TABLE numbers (n int);",
        sql: "INSERT INTO numbers SELECT n FROM generate_series(1, 10) AS g(n);",
      },
    ],
  },
  check: (change, { schema }) => {
    if (change.kind !== "insert" || !change.fromQuery || change.bounded) return null;
    const sources = change.sources.filter((table) => !schema.isNew(table) && !isCatalog(table));
    const [source, ...others] = sources;
    if (source === undefined) return null;
    const key = quoted(schema.keyOf(source) ?? "id");
    return {
      what: `all that it finds in ${listed(sources)} is copied to ${change.table} in one statement, and what is written there meanwhile is not`,
      instead: [
        { release: `code that writes to ${change.table} whatever it writes to ${listed(sources)}` },
        ...(others.length === 0
          ? [
              {
                sql:
                  "-- again and again, with the last key that is there as $1\n" +
                  `INSERT INTO ${quoted(change.table)} SELECT * FROM ${quoted(source)} WHERE ${key} > $1 ` +
                  `ORDER BY ${key} LIMIT 1000 ON CONFLICT DO NOTHING;`,
              },
            ]
          : []),
      ],
    };
  },
};

function isCatalog(table: string): boolean {
  return /^(pg_|information_schema\.)/.test(table);
}
