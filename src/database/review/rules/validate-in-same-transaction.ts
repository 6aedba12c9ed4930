import { quoted } from "./names.ts";
import type { Rule } from "./rule.ts";

export const validateInSameTransaction: Rule = {
  id: "validate-in-same-transaction",
  severity: "medium",
  catches: "A constraint is added NOT VALID and validated in one transaction, which wins nothing",
  why:
    "A lock is held until the transaction ends: that of ADD CONSTRAINT is still there while VALIDATE reads all rows. In a " +
    "migration of its own, VALIDATE stops no read and no write.",
  examples: {
    bad: [
      {
        before: "CREATE TABLE orders (id bigint PRIMARY KEY, total int);",
        sql:
          "ALTER TABLE orders ADD CONSTRAINT orders_total_check CHECK (total >= 0) NOT VALID;" +
          "ALTER TABLE orders VALIDATE CONSTRAINT orders_total_check;",
      },
    ],
    good: [
      {
        before:
          "CREATE TABLE orders (id bigint PRIMARY KEY, total int);" +
          "ALTER TABLE orders ADD CONSTRAINT orders_total_check CHECK (total >= 0) NOT VALID;",
        sql: "ALTER TABLE orders VALIDATE CONSTRAINT orders_total_check;",
      },
    ],
    goodInContext: [
      {
        before: "CREATE TABLE orders (id bigint PRIMARY KEY, total int);",
        sql:
          "BEGIN; ALTER TABLE orders ADD CONSTRAINT orders_total_check CHECK (total >= 0) NOT VALID; COMMIT;" +
          "ALTER TABLE orders VALIDATE CONSTRAINT orders_total_check;",
      },
      "CREATE TABLE draft (total int); ALTER TABLE draft ADD CONSTRAINT c CHECK (total >= 0) NOT VALID; ALTER TABLE draft VALIDATE CONSTRAINT c;",
    ],
  },
  check: (change, { schema, file }) => {
    if (change.kind !== "validate-constraint" || !file.inTransaction || schema.isNew(change.table))
      return null;
    const { table, name } = change;
    const before = file.changes.slice(0, file.position);
    const ended = before.findLastIndex(
      (earlier) => earlier.kind === "transaction" && earlier.action !== "savepoint",
    );
    const isAdded = before
      .slice(ended + 1)
      .some(
        (earlier) =>
          earlier.kind === "add-constraint" && earlier.table === table && earlier.constraint.name === name,
      );
    if (!isAdded) return null;
    return {
      what: `the lock that added ${name} is held while all rows of ${table} are read`,
      instead: [
        { release: `the ADD CONSTRAINT ${name} in a migration of its own` },
        { sql: `ALTER TABLE ${quoted(table)} VALIDATE CONSTRAINT ${quoted(name)};` },
      ],
    };
  },
};
