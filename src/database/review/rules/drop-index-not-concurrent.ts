import { quoted } from "./names.ts";
import type { Rule } from "./rule.ts";

export const dropIndexNotConcurrent: Rule = {
  id: "drop-index-not-concurrent",
  severity: "medium",
  catches: "An index is dropped while nobody can read or write its table",
  why:
    "DROP INDEX takes ACCESS EXCLUSIVE on the table: it is done at once, but waits for each transaction that uses the table, " +
    "and everybody who comes after waits behind it. CONCURRENTLY lets them go on; it must stand outside of a transaction. " +
    "The index of a partitioned table cannot be dropped like that.",
  examples: {
    bad: [
      {
        before:
          "CREATE TABLE orders (id int PRIMARY KEY, buyer int); CREATE INDEX orders_buyer ON orders (buyer);",
        sql: "DROP INDEX orders_buyer;",
      },
      {
        before:
          "CREATE SCHEMA shop; CREATE TABLE shop.orders (id int PRIMARY KEY, buyer int); CREATE INDEX orders_buyer ON shop.orders (buyer);",
        sql: "DROP INDEX shop.orders_buyer;",
      },
    ],
    good: [
      {
        before:
          "CREATE TABLE orders (id int PRIMARY KEY, buyer int); CREATE INDEX orders_buyer ON orders (buyer);",
        sql: "DROP INDEX CONCURRENTLY orders_buyer;",
      },
    ],
    goodInContext: [
      "CREATE TABLE orders (id int PRIMARY KEY, buyer int); CREATE INDEX i ON orders (buyer); DROP INDEX i;",
      {
        before:
          "CREATE TABLE events (at date, kind int) PARTITION BY RANGE (at); CREATE INDEX i ON events (kind);",
        sql: "DROP INDEX i;",
      },
    ],
  },
  check: (change, { schema }) => {
    if (change.kind !== "drop-index" || change.concurrently) return null;
    const table = schema.indexes.get(change.name);
    if (table !== undefined && (schema.isNew(table) || schema.tables.get(table)?.partitioned === true))
      return null;
    return {
      what: `nobody can read or write ${table ?? `the table of ${change.name}`} from the moment that DROP INDEX ${change.name} waits for it`,
      instead: [{ sql: `DROP INDEX CONCURRENTLY ${quoted(change.name)};`, alone: true }],
    };
  },
};
