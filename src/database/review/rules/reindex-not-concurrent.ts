import { quoted } from "./names.ts";
import type { Rule } from "./rule.ts";

export const reindexNotConcurrent: Rule = {
  id: "reindex-not-concurrent",
  severity: "high",
  catches: "Indexes are built anew while nobody can use them, or write to their tables",
  why:
    "REINDEX stops writes to the table, and reads too as soon as a query wants to plan with the index: all do. From PostgreSQL 12 " +
    "on CONCURRENTLY builds the new index beside the old one. It needs room for both, and must stand outside of a transaction.",
  examples: {
    bad: [
      { before: "CREATE TABLE orders (id int PRIMARY KEY);", sql: "REINDEX TABLE orders;" },
      { before: "CREATE TABLE orders (id int PRIMARY KEY);", sql: "REINDEX INDEX orders_pkey;" },
      "REINDEX SCHEMA public;",
    ],
    good: [
      { before: "CREATE TABLE orders (id int PRIMARY KEY);", sql: "REINDEX TABLE CONCURRENTLY orders;" },
    ],
    goodInContext: ["CREATE TABLE orders (id int PRIMARY KEY); REINDEX TABLE orders;"],
  },
  check: (change, { schema, postgres }) => {
    if (change.kind !== "reindex" || change.concurrently) return null;
    const { what, name } = change;
    const table = what === "table" ? name : what === "index" ? schema.indexes.get(name) : undefined;
    if (table !== undefined && schema.isNew(table)) return null;
    const where = table ?? (what === "index" ? `the table of ${name}` : `any table of the ${what} ${name}`);
    const object = name === "" ? "" : ` ${quoted(name)}`;
    return {
      what: `nobody can write to ${where}, nor plan a query of it, while its indexes are built anew`,
      instead:
        postgres >= 12 && what !== "system"
          ? [{ sql: `REINDEX ${what.toUpperCase()} CONCURRENTLY${object};`, alone: true }]
          : [],
    };
  },
};
