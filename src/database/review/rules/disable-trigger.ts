import type { Rule } from "./rule.ts";

export const disableTrigger: Rule = {
  id: "disable-trigger",
  severity: "high",
  catches: "Triggers of a table that is in use are switched off, for everybody, and foreign keys with ALL",
  why:
    "DISABLE TRIGGER counts for all connections, not for the migration: what live code writes meanwhile goes past them, and is not looked " +
    "at when they are switched on again. ALL switches off foreign keys too: rows may then refer to nothing.",
  examples: {
    bad: [
      { before: "CREATE TABLE orders (id int PRIMARY KEY);", sql: "ALTER TABLE orders DISABLE TRIGGER ALL;" },
      {
        before: "CREATE TABLE orders (id int PRIMARY KEY);",
        sql: "ALTER TABLE orders DISABLE TRIGGER seen;",
      },
    ],
    good: [
      { before: "CREATE TABLE orders (id int PRIMARY KEY);", sql: "ALTER TABLE orders ENABLE TRIGGER seen;" },
    ],
    goodInContext: ["CREATE TABLE orders (id int PRIMARY KEY); ALTER TABLE orders DISABLE TRIGGER ALL;"],
  },
  check: (change, { schema }) => {
    if (change.kind !== "switch-trigger" || change.on || schema.isNew(change.table)) return null;
    const { table, name } = change;
    return {
      what: `${name === "" ? "triggers of" : `the trigger ${name} of`} ${table} ${name === "" ? "do" : "does"} not run for what anybody writes there meanwhile`,
      instead: [],
    };
  },
};
