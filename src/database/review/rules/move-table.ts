import { quoted } from "./names.ts";
import type { Rule } from "./rule.ts";

export const moveTable: Rule = {
  id: "move-table",
  severity: "high",
  removes: true,
  catches: "A table goes to another schema while code that is live looks for it where it was",
  why:
    "SET SCHEMA is a change of the name for each query that is not helped by search_path. A view in the new schema can be " +
    "read and written by new code while old code uses the table.",
  examples: {
    bad: [
      {
        before: "CREATE SCHEMA billing; CREATE TABLE invoices (id bigint PRIMARY KEY);",
        sql: "ALTER TABLE invoices SET SCHEMA billing;",
      },
    ],
    good: [
      {
        before: "CREATE SCHEMA billing; CREATE TABLE invoices (id bigint PRIMARY KEY);",
        sql: "CREATE VIEW billing.invoices AS SELECT * FROM invoices;",
      },
    ],
    goodInContext: [
      "CREATE SCHEMA billing; CREATE TABLE draft (id bigint PRIMARY KEY); ALTER TABLE draft SET SCHEMA billing;",
      {
        before: "CREATE SCHEMA billing; CREATE TABLE carts (id bigint PRIMARY KEY);",
        sql: "ALTER TABLE carts SET SCHEMA billing;",
        unused: ["carts"],
      },
    ],
  },
  check: (change, { schema, uses }) => {
    if (change.kind !== "move-table" || schema.isNew(change.table)) return null;
    const { table, toSchema } = change;
    if (uses.table(table).state === "unused") return null;
    const target = `${toSchema}.${table.split(".").at(-1) ?? table}`;
    return {
      what: `code that looks for ${table} fails: it is ${target} from then on`,
      instead: [
        { sql: `CREATE VIEW ${quoted(target)} AS SELECT * FROM ${quoted(table)};` },
        {
          release: `code that uses ${target}; wait until no release that uses ${table} is live. Then drop the view and move the table, in one transaction`,
        },
      ],
    };
  },
};
