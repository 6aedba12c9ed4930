import type { Rule } from "./rule.ts";

export const dropTable: Rule = {
  id: "drop-table",
  severity: "critical",
  removes: true,
  catches: "A table is dropped, and with it all of its rows",
  why:
    "Code of the previous release that uses the table fails at once, and only a backup brings the rows back. Drop it in a " +
    "release of its own, when no release that uses it is live or may be gone back to.",
  examples: {
    bad: [
      { before: "CREATE TABLE orders (id bigint PRIMARY KEY);", sql: "DROP TABLE orders;" },
      {
        before: 'CREATE TABLE "Order" (id bigint PRIMARY KEY);',
        sql: 'DROP TABLE IF EXISTS "Order" CASCADE;',
      },
    ],
    good: [
      {
        before: "CREATE TABLE orders (id bigint PRIMARY KEY);",
        sql: "COMMENT ON TABLE orders IS 'not used since 4.2: drop it after 2027-03';",
      },
    ],
    goodInContext: ["CREATE TABLE draft (id bigint PRIMARY KEY); DROP TABLE draft;"],
  },
  check: (change, { schema }) => {
    if (change.kind !== "drop-table" || schema.isNew(change.table)) return null;
    const { table } = change;
    return {
      what: `${table} is dropped, with all of its rows`,
      instead: [
        { release: `code that does not use ${table}; wait until no release that uses it is live` },
        { release: `a backup of ${table} that was read back, and then the DROP TABLE alone` },
      ],
    };
  },
};
