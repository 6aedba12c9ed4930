import { listed, quoted } from "./names.ts";
import type { Rule } from "./rule.ts";

export const dropSchema: Rule = {
  id: "drop-schema",
  severity: "critical",
  removes: true,
  catches: "A schema is dropped, with CASCADE all that is in it",
  why:
    "With CASCADE each table, view, type and function in the schema goes with it, whatever it holds, and what refers to " +
    "them. Without CASCADE only an empty schema goes, which breaks no query.",
  examples: {
    bad: [
      {
        before: "CREATE SCHEMA billing; CREATE TABLE billing.invoices (id bigint PRIMARY KEY);",
        sql: "DROP SCHEMA billing CASCADE;",
      },
    ],
    good: [{ before: "CREATE SCHEMA billing;", sql: "DROP SCHEMA billing;" }],
    goodInContext: [
      "CREATE SCHEMA draft; CREATE TABLE draft.plans (id bigint PRIMARY KEY); DROP SCHEMA draft CASCADE;",
    ],
  },
  check: (change, { schema }) => {
    if (change.kind !== "drop-schema" || !change.cascade) return null;
    const inside = [...schema.tables.keys()].filter((table) => table.startsWith(`${change.schema}.`));
    if (inside.length > 0 && inside.every((table) => schema.isNew(table))) return null;
    const what = inside.length === 0 ? "" : `: ${listed(inside)}`;
    return {
      what: `${change.schema} is dropped with all that is in it${what}`,
      instead: [
        { release: `code that uses nothing in ${change.schema}; wait until no release that does is live` },
        { release: "migrations that drop what is in it one by one, each after a backup" },
        { sql: `DROP SCHEMA ${quoted(change.schema)};` },
      ],
    };
  },
};
