import { withSchemaOf } from "../schema/names.ts";
import { concurrently, fullIndexName } from "./indexes.ts";
import type { Rule } from "./rule.ts";

export const concurrentlyIfNotExists: Rule = {
  id: "concurrently-if-not-exists",
  severity: "medium",
  catches: "IF NOT EXISTS takes an invalid index of an earlier attempt for the one that is wanted",
  why:
    "A concurrent index that failed stays there as invalid. The second attempt with IF NOT EXISTS sees the name, does nothing " +
    "and says that all is well: no query ever uses the index, and one that is UNIQUE proves nothing about the rows before it. " +
    "Drop what may be left first, and build it without IF NOT EXISTS.",
  examples: {
    bad: [
      {
        before: "CREATE TABLE orders (id int PRIMARY KEY, buyer int);",
        sql: "CREATE INDEX CONCURRENTLY IF NOT EXISTS orders_buyer ON orders (buyer);",
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
      {
        before:
          "CREATE TABLE orders (id int PRIMARY KEY, buyer int); DROP INDEX CONCURRENTLY IF EXISTS orders_buyer;",
        sql: "CREATE INDEX CONCURRENTLY IF NOT EXISTS orders_buyer ON orders (buyer);",
      },
      "CREATE TABLE orders (id int PRIMARY KEY, buyer int); CREATE INDEX IF NOT EXISTS orders_buyer ON orders (buyer);",
    ],
  },
  check: (change, { schema }) => {
    if (change.kind !== "create-index" || !change.concurrently || !change.ifNotExists) return null;
    if (schema.isNew(change.table) || schema.droppedIndexes.has(withSchemaOf(change.table, change.name)))
      return null;
    const sql = concurrently(change);
    return {
      what: `where ${change.name} is there and invalid, from an attempt that failed, nothing is built and nobody is told`,
      instead: [
        { sql: `DROP INDEX CONCURRENTLY IF EXISTS ${fullIndexName(change)};`, alone: true },
        ...(sql === null ? [] : [{ sql, alone: true } as const]),
      ],
    };
  },
};
