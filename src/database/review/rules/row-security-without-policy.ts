import type { Change } from "../change.ts";
import { named, quoted } from "./names.ts";
import type { Rule } from "./rule.ts";

export const rowSecurityWithoutPolicy: Rule = {
  id: "row-security-without-policy",
  severity: "high",
  catches: "Row security is switched on for a table that has no policy, and nobody sees a row of it",
  why:
    "Without a policy that lets rows through, everybody but the owner reads an empty table and can write nothing to it; with FORCE the " +
    "owner too. No query fails: pages are empty. A policy that lets all through comes first, a stricter one when it has been tried.",
  examples: {
    bad: [
      {
        before: "CREATE TABLE notes (id int PRIMARY KEY);",
        sql: "ALTER TABLE notes ENABLE ROW LEVEL SECURITY;",
      },
      {
        before: "CREATE TABLE notes (id int PRIMARY KEY); CREATE POLICY own ON notes USING (id > 0);",
        sql: "DROP POLICY own ON notes; ALTER TABLE notes ENABLE ROW LEVEL SECURITY;",
      },
    ],
    good: [
      {
        before: "CREATE TABLE notes (id int PRIMARY KEY);",
        sql: "CREATE POLICY all_rows ON notes USING (true) WITH CHECK (true); ALTER TABLE notes ENABLE ROW LEVEL SECURITY;",
      },
    ],
    goodInContext: [
      "CREATE TABLE notes (id int PRIMARY KEY); ALTER TABLE notes ENABLE ROW LEVEL SECURITY;",
      {
        before: "CREATE TABLE notes (id int PRIMARY KEY);",
        sql: "ALTER TABLE notes ENABLE ROW LEVEL SECURITY; CREATE POLICY own ON notes USING (id > 0);",
      },
    ],
  },
  check: (change, { schema, file }) => {
    if (change.kind !== "row-security" || (change.action !== "enable" && change.action !== "force"))
      return null;
    const { table } = change;
    if (schema.isNew(table) || (schema.tables.get(table)?.policies.size ?? 0) > 0) return null;
    // In one transaction nobody sees the table between the two.
    if (file.inTransaction && file.changes.slice(file.position).some((later) => makesPolicy(later, table)))
      return null;
    const policy = named(table, "all_rows");
    return {
      what: `${table} has no policy: whoever is not its owner${change.action === "force" ? ", and the owner too," : ""} sees no row of it, and no error`,
      instead: [
        {
          sql:
            `CREATE POLICY ${policy} ON ${quoted(table)} USING (true) WITH CHECK (true);\n` +
            `ALTER TABLE ${quoted(table)} ENABLE ROW LEVEL SECURITY;`,
        },
      ],
    };
  },
};

function makesPolicy(change: Change, table: string): boolean {
  return change.kind === "policy" && change.action === "create" && change.table === table;
}
