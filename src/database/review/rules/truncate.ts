import { withReferencing } from "../effects/work.ts";
import { listed } from "./names.ts";
import type { Rule } from "./rule.ts";

export const truncate: Rule = {
  id: "truncate",
  severity: "critical",
  removes: true,
  catches: "TRUNCATE takes all rows out of a table that live code uses",
  why:
    "TRUNCATE takes ACCESS EXCLUSIVE and all rows, fires no DELETE trigger, and with CASCADE also empties each table that " +
    "refers to this one. Live code meets empty tables, and only a backup brings the rows back.",
  examples: {
    bad: [
      { before: "CREATE TABLE visits (id bigint PRIMARY KEY, at timestamptz);", sql: "TRUNCATE visits;" },
      {
        before:
          "CREATE TABLE users (id bigint PRIMARY KEY); CREATE TABLE orders (id bigint PRIMARY KEY, buyer bigint REFERENCES users (id));",
        sql: "TRUNCATE TABLE users CASCADE;",
      },
    ],
    good: [
      {
        before: "CREATE TABLE visits (id bigint PRIMARY KEY, at timestamptz);",
        sql: "DELETE FROM visits WHERE id IN (SELECT id FROM visits WHERE at < '2026-01-01' LIMIT 1000);",
      },
    ],
    goodInContext: ["CREATE TABLE draft (id bigint PRIMARY KEY); TRUNCATE draft;"],
  },
  check: (change, { schema }) => {
    if (change.kind !== "truncate") return null;
    const named = change.tables.filter((table) => !schema.isNew(table));
    const tables = change.cascade
      ? withReferencing(schema, change.tables).filter((table) => !schema.isNew(table))
      : named;
    if (tables.length === 0) return null;
    const isMore = change.cascade && !schema.isComplete;
    return {
      what: `all rows of ${listed(tables)}${isMore ? ", and of each table that refers to them," : ""} are gone`,
      instead: [
        {
          release: `code that needs no row of ${listed(tables)}; then DELETE the rows that may go, in batches of some thousands`,
        },
      ],
    };
  },
};
