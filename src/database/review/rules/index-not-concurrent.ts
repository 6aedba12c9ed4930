import { named, quoted } from "./names.ts";
import type { Rule } from "./rule.ts";

export const indexNotConcurrent: Rule = {
  id: "index-not-concurrent",
  severity: "high",
  catches: "An index is built on a table that is in use, and nobody can write to it meanwhile",
  why:
    "CREATE INDEX takes SHARE: INSERT, UPDATE and DELETE wait until all rows are read and sorted. CONCURRENTLY lets them " +
    "go on; it takes longer, must stand outside of a transaction, and leaves an invalid index behind when it fails.",
  examples: {
    bad: [
      {
        before: "CREATE TABLE orders (id int PRIMARY KEY, buyer int);",
        sql: "CREATE INDEX orders_buyer ON orders (buyer);",
      },
    ],
    good: [
      {
        before: "CREATE TABLE orders (id int PRIMARY KEY, buyer int);",
        sql: "CREATE INDEX CONCURRENTLY orders_buyer ON orders (buyer);",
      },
    ],
    goodInContext: [
      "CREATE TABLE orders (id int PRIMARY KEY, buyer int); CREATE INDEX orders_buyer ON orders (buyer);",
    ],
  },
  check: (change, { schema }) => {
    if (change.kind !== "create-index" || change.concurrently || schema.isNew(change.table)) return null;
    const { table, columns, unique, method } = change;
    const names = columns.filter((column) => column !== null);
    const isListed = names.length === columns.length && !change.partial;
    const name = change.name === "" ? named(table, ...names, "idx") : quoted(change.name);
    const using = method === "btree" ? "" : ` USING ${quoted(method)}`;
    return {
      what: `nobody can write to ${table} while its index ${change.name} is built`,
      instead: isListed
        ? [
            {
              sql: `CREATE ${unique ? "UNIQUE " : ""}INDEX CONCURRENTLY ${name} ON ${quoted(table)}${using} (${names.map(quoted).join(", ")});`,
              alone: true,
            },
          ]
        : [],
    };
  },
};
