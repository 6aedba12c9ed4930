import { blockedBy } from "../effects/effects.ts";
import { listed } from "./names.ts";
import type { Rule } from "./rule.ts";

export const severalTablesLocked: Rule = {
  id: "several-tables-locked",
  severity: "medium",
  once: true,
  catches: "One transaction locks several tables that are in use, one after the other",
  why:
    "The first table stays locked while the migration waits for the second one. Code that uses both in the other order waits for the " +
    "migration, which waits for it: PostgreSQL ends one of the two. A migration for each table holds one lock at a time.",
  examples: {
    bad: [
      {
        before: "CREATE TABLE users (id int PRIMARY KEY); CREATE TABLE orders (id int PRIMARY KEY);",
        sql: "ALTER TABLE users ADD COLUMN a int; ALTER TABLE orders ADD COLUMN b int;",
      },
    ],
    good: [
      {
        before: "CREATE TABLE users (id int PRIMARY KEY); CREATE TABLE orders (id int PRIMARY KEY);",
        sql: "ALTER TABLE users ADD COLUMN a int; ALTER TABLE users ADD COLUMN b int;",
      },
    ],
    goodInContext: [
      {
        before: "CREATE TABLE users (id int PRIMARY KEY);",
        sql: "CREATE TABLE orders (id int PRIMARY KEY, buyer int REFERENCES users); ALTER TABLE orders ADD COLUMN b int;",
      },
      {
        before: "CREATE TABLE users (id int PRIMARY KEY); CREATE TABLE orders (id int PRIMARY KEY);",
        sql: "ALTER TABLE users ADD COLUMN a int; ALTER TABLE orders ADD COLUMN b int;",
        transaction: "statement",
      },
    ],
  },
  check: (_, { file, locks, schema }) => {
    if (file.held.size === 0) return null;
    const next = locks.find(
      ({ table, mode }) => /writes/.test(blockedBy(mode)) && !schema.isNew(table) && !file.held.has(table),
    );
    if (next === undefined) return null;
    return {
      what: `${listed([...file.held.keys()])} stays locked while it waits for ${next.table}: write a migration for each table`,
      instead: [],
    };
  },
};
