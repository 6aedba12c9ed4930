import { concurrently } from "./indexes.ts";
import type { Rule } from "./rule.ts";

export const hashIndex: Rule = {
  id: "hash-index",
  severity: "low",
  catches: "An index of the method hash, which answers nothing but equality",
  why:
    "It cannot sort, compare, be UNIQUE or hold more than one column, and is seldom quicker than a B-tree. Before PostgreSQL 10 " +
    "it was not written to the log either: after a crash, and on a standby, it gives wrong answers.",
  examples: {
    bad: [
      {
        before: "CREATE TABLE orders (id int PRIMARY KEY, token text);",
        sql: "CREATE INDEX CONCURRENTLY orders_token ON orders USING hash (token);",
      },
      {
        before: "CREATE TABLE orders (id int PRIMARY KEY, token text);",
        sql: "CREATE INDEX CONCURRENTLY orders_token ON orders USING hash (token);",
        postgres: 9,
      },
    ],
    good: [
      {
        before: "CREATE TABLE orders (id int PRIMARY KEY, token text);",
        sql: "CREATE INDEX CONCURRENTLY orders_token ON orders (token);",
      },
    ],
    goodInContext: [
      {
        before: "CREATE TABLE orders (id int PRIMARY KEY, words tsvector);",
        sql: "CREATE INDEX CONCURRENTLY orders_words ON orders USING gin (words);",
      },
    ],
  },
  check: (change, { postgres }) => {
    if (change.kind !== "create-index" || change.method !== "hash") return null;
    const sql = concurrently({ ...change, method: "btree" });
    const name = change.name === "" ? `an index of ${change.table}` : change.name;
    return {
      what:
        postgres < 10
          ? `${name} is a hash index, which gives wrong answers after a crash of PostgreSQL ${String(postgres)}`
          : `${name} is a hash index: it answers = on ${change.table}, and no order, range or uniqueness`,
      ...(postgres < 10 ? { severity: "high" } : {}),
      instead: sql === null ? [] : [{ sql, alone: true }],
    };
  },
};
