import type { Rule } from "./rule.ts";

export const rowSecurityOff: Rule = {
  id: "row-security-off",
  severity: "high",
  catches: "Row security is switched off: everybody who may read the table sees all of its rows",
  why:
    "Policies stay, and are asked no more. Code that relies on them to tell tenants apart shows the rows of all of them. NO FORCE does the " +
    "same for the owner, as whom many applications connect.",
  examples: {
    bad: [
      {
        before: "CREATE TABLE notes (id int PRIMARY KEY); ALTER TABLE notes ENABLE ROW LEVEL SECURITY;",
        sql: "ALTER TABLE notes DISABLE ROW LEVEL SECURITY;",
      },
      {
        before: "CREATE TABLE notes (id int PRIMARY KEY);",
        sql: "ALTER TABLE notes NO FORCE ROW LEVEL SECURITY;",
      },
    ],
    good: [
      {
        before: "CREATE TABLE notes (id int PRIMARY KEY);",
        sql: "CREATE POLICY all_rows ON notes USING (true);",
      },
    ],
    goodInContext: ["CREATE TABLE notes (id int PRIMARY KEY); ALTER TABLE notes DISABLE ROW LEVEL SECURITY;"],
  },
  check: (change, { schema }) => {
    if (change.kind !== "row-security" || (change.action !== "disable" && change.action !== "no-force"))
      return null;
    const { table, action } = change;
    if (schema.isNew(table)) return null;
    return {
      what: `${action === "disable" ? "whoever may read" : "the owner of"} ${table} sees all of its rows, whatever its policies say`,
      instead: [{ release: `code that tells apart by itself whose rows of ${table} it may show` }],
    };
  },
};
