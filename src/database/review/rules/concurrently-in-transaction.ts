import type { Change } from "../change.ts";
import { concurrently, indexName } from "./indexes.ts";
import { quoted } from "./names.ts";
import type { Rule, SafeStep } from "./rule.ts";

export const concurrentlyInTransaction: Rule = {
  id: "concurrently-in-transaction",
  severity: "high",
  catches: "CONCURRENTLY stands inside a transaction, where PostgreSQL refuses it",
  why:
    "CREATE INDEX, DROP INDEX, REINDEX and DETACH PARTITION with CONCURRENTLY commit on their way, so they cannot be part of " +
    "a transaction: the migration fails, and those that come after it wait for somebody to repair it. Several statements that " +
    "are sent at once are one transaction too, also behind a COMMIT. In a file of its own such a statement works.",
  examples: {
    bad: [
      {
        before: "CREATE TABLE orders (id int PRIMARY KEY, buyer int);",
        sql: "SET lock_timeout = '5s'; CREATE INDEX CONCURRENTLY orders_buyer ON orders (buyer);",
      },
      {
        before:
          "CREATE TABLE orders (id int PRIMARY KEY, buyer int); CREATE INDEX orders_buyer ON orders (buyer);",
        sql: "BEGIN; SELECT 1; COMMIT; DROP INDEX CONCURRENTLY orders_buyer;",
      },
      {
        before: "CREATE TABLE orders (id int PRIMARY KEY);",
        sql: "BEGIN; REINDEX TABLE CONCURRENTLY orders; COMMIT;",
        transaction: "statement",
      },
    ],
    good: [
      {
        before: "CREATE TABLE orders (id int PRIMARY KEY, buyer int);",
        sql: "CREATE INDEX CONCURRENTLY orders_buyer ON orders (buyer);",
      },
    ],
    goodInContext: [
      {
        before: "CREATE TABLE orders (id int PRIMARY KEY, buyer int);",
        sql: "SET lock_timeout = '5s'; CREATE INDEX CONCURRENTLY orders_buyer ON orders (buyer);",
        transaction: "statement",
      },
    ],
  },
  check: (change, { file }) => {
    const found = file.inTransaction ? statementOf(change) : null;
    if (found === null) return null;
    return {
      what: `${found.text} cannot run inside a transaction, and this one does: the migration fails there`,
      instead: found.alone,
    };
  },
};

function statementOf(change: Change): { readonly text: string; readonly alone: SafeStep[] } | null {
  const alone = (sql: string | null): SafeStep[] => (sql === null ? [] : [{ sql, alone: true }]);
  switch (change.kind) {
    case "create-index":
      if (!change.concurrently) return null;
      return { text: `CREATE INDEX CONCURRENTLY ${indexName(change)}`, alone: alone(concurrently(change)) };
    case "drop-index": {
      if (!change.concurrently) return null;
      const text = `DROP INDEX CONCURRENTLY ${quoted(change.name)}`;
      return { text, alone: alone(`${text};`) };
    }
    case "reindex": {
      if (!change.concurrently) return null;
      const text = `REINDEX ${change.what.toUpperCase()} CONCURRENTLY ${quoted(change.name)}`;
      return { text, alone: alone(`${text};`) };
    }
    case "detach-partition": {
      if (!change.concurrently) return null;
      const text = `ALTER TABLE ${quoted(change.table)} DETACH PARTITION ${quoted(change.partition)} CONCURRENTLY`;
      return { text, alone: alone(`${text};`) };
    }
    default:
      return null;
  }
}
