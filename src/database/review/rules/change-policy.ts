import type { Rule } from "./rule.ts";

export const changePolicy: Rule = {
  id: "change-policy",
  severity: "medium",
  catches: "A policy of a table that is in use is made, changed or dropped: other rows are seen than before",
  why:
    "No query fails by it: rows are missing, or too many. Policies that permit are added up, those that restrict are all asked; the last " +
    "one that is dropped leaves nothing. Which rows code of the previous release needs is for a person to say.",
  examples: {
    bad: [
      {
        before: "CREATE TABLE notes (id int PRIMARY KEY); ALTER TABLE notes ENABLE ROW LEVEL SECURITY;",
        sql: "CREATE POLICY own ON notes AS RESTRICTIVE USING (id > 0);",
      },
      {
        before:
          "CREATE TABLE notes (id int PRIMARY KEY); CREATE POLICY own ON notes USING (id > 0); ALTER TABLE notes ENABLE ROW LEVEL SECURITY;",
        sql: "ALTER POLICY own ON notes USING (id > 9);",
      },
      {
        before:
          "CREATE TABLE notes (id int PRIMARY KEY); CREATE POLICY own ON notes USING (id > 0); ALTER TABLE notes ENABLE ROW LEVEL SECURITY;",
        sql: "DROP POLICY own ON notes;",
      },
    ],
    good: ["CREATE TABLE notes (id int PRIMARY KEY);"],
    goodInContext: [
      {
        before: "CREATE TABLE notes (id int PRIMARY KEY);",
        sql: "CREATE POLICY own ON notes USING (id > 0);",
      },
      "CREATE TABLE notes (id int PRIMARY KEY); CREATE POLICY own ON notes USING (id > 0); ALTER TABLE notes ENABLE ROW LEVEL SECURITY;",
    ],
  },
  check: (change, { oldCode }) => {
    if (change.kind !== "policy" || oldCode.verdict === "works") return null;
    const { table, name, action } = change;
    const how = { create: "is made", alter: "is changed", drop: "is dropped" }[action];
    return {
      what: `${name} ${how}: code that is live sees other rows of ${table} than before, and no error`,
      instead: [],
    };
  },
};
