import { withSchemaOf } from "../schema/names.ts";
import { concurrently, fullIndexName } from "./indexes.ts";
import type { Rule } from "./rule.ts";

export const concurrentIndexLeftover: Rule = {
  id: "concurrent-index-leftover",
  severity: "low",
  catches: "A concurrent index is built without clearing away what an attempt that failed has left",
  why:
    "CREATE INDEX CONCURRENTLY that is cut off, or finds a duplicate, leaves an invalid index: each write still goes into it, " +
    "no query uses it, and the next attempt says that the name is taken. A DROP INDEX CONCURRENTLY IF EXISTS before it, in a " +
    "migration of its own, makes the pair safe to repeat.",
  examples: {
    bad: [
      {
        before: "CREATE TABLE orders (id int PRIMARY KEY, buyer int);",
        sql: "CREATE INDEX CONCURRENTLY orders_buyer ON orders (buyer);",
      },
      {
        before: "CREATE SCHEMA shop; CREATE TABLE shop.orders (id int PRIMARY KEY, buyer int);",
        sql: "CREATE INDEX CONCURRENTLY orders_buyer ON shop.orders (buyer);",
      },
    ],
    good: [
      {
        before:
          "CREATE TABLE orders (id int PRIMARY KEY, buyer int); DROP INDEX CONCURRENTLY IF EXISTS orders_buyer;",
        sql: "CREATE INDEX CONCURRENTLY orders_buyer ON orders (buyer);",
      },
    ],
    goodInContext: [
      "CREATE TABLE orders (id int PRIMARY KEY, buyer int); CREATE INDEX CONCURRENTLY orders_buyer ON orders (buyer);",
    ],
  },
  check: (change, { schema }) => {
    if (change.kind !== "create-index" || !change.concurrently || change.ifNotExists) return null;
    if (change.name === "" || schema.isNew(change.table)) return null;
    if (schema.droppedIndexes.has(withSchemaOf(change.table, change.name))) return null;
    const sql = concurrently(change);
    return {
      what: `when it fails it leaves ${change.name} invalid, which slows each write to ${change.table} and stops the next attempt`,
      instead: [
        { sql: `DROP INDEX CONCURRENTLY IF EXISTS ${fullIndexName(change)};`, alone: true },
        ...(sql === null ? [] : [{ sql, alone: true } as const]),
      ],
    };
  },
};
