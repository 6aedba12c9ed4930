import { quoted } from "./names.ts";
import type { Rule } from "./rule.ts";

export const renameTable: Rule = {
  id: "rename-table",
  severity: "high",
  removes: true,
  catches: "A table gets another name while code that is live uses the old one",
  why:
    "Between the migration and the last replica of the new release, one of both versions finds no table. A view with the " +
    "new name can be read and written by new code while old code uses the table.",
  examples: {
    bad: [
      {
        before: "CREATE TABLE users (id bigint PRIMARY KEY);",
        sql: "ALTER TABLE users RENAME TO accounts;",
      },
    ],
    good: [
      {
        before: "CREATE TABLE users (id bigint PRIMARY KEY);",
        sql: "CREATE VIEW accounts AS SELECT * FROM users;",
      },
    ],
    goodInContext: [
      "CREATE TABLE draft (id bigint PRIMARY KEY); ALTER TABLE draft RENAME TO plans;",
      {
        before: "CREATE TABLE carts (id bigint PRIMARY KEY);",
        sql: "ALTER TABLE carts RENAME TO baskets;",
        unused: ["carts"],
      },
    ],
  },
  check: (change, { schema, uses }) => {
    if (change.kind !== "rename-table" || schema.isNew(change.table)) return null;
    const { table, to } = change;
    if (uses.table(table).state === "unused") return null;
    const target = [...table.split(".").slice(0, -1), to].join(".");
    return {
      what: `code that uses ${table} fails: it is called ${target} from then on`,
      instead: [
        { sql: `CREATE VIEW ${quoted(target)} AS SELECT * FROM ${quoted(table)};` },
        {
          release: `code that uses ${target}; wait until no release that uses ${table} is live. Then drop the view and rename the table, in one transaction`,
        },
      ],
    };
  },
};
