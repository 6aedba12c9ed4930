import type { Rule } from "./rule.ts";

export const changeDefault: Rule = {
  id: "change-default",
  severity: "low",
  catches: "A column gets another default, which also counts for rows that old code writes",
  why:
    "Code of the previous release that leaves the column out writes the new default while both versions are live. Where " +
    "that is wrong, let code write the value itself first.",
  examples: {
    bad: [
      {
        before: "CREATE TABLE orders (id bigint PRIMARY KEY, state text DEFAULT 'open');",
        sql: "ALTER TABLE orders ALTER COLUMN state SET DEFAULT 'new';",
      },
    ],
    good: [
      {
        before: "CREATE TABLE orders (id bigint PRIMARY KEY, state text);",
        sql: "ALTER TABLE orders ALTER COLUMN state SET DEFAULT 'new';",
      },
    ],
    goodInContext: [
      {
        before: "CREATE TABLE orders (id bigint PRIMARY KEY);",
        sql: "ALTER TABLE orders ADD COLUMN state text DEFAULT 'open'; ALTER TABLE orders ALTER COLUMN state SET DEFAULT 'new';",
      },
    ],
  },
  check: (change, { schema }) => {
    if (change.kind !== "set-default") return null;
    const { table, column } = change;
    const facts = schema.column(table, column);
    if (facts === undefined || facts.fallback === null || facts.fallback === "null") return null;
    if (schema.isNewColumn(table, column)) return null;
    return {
      what: `rows that old code writes without ${table}.${column} hold the new default too`,
      instead: [
        {
          release: `code that writes ${table}.${column} itself, where the default must not change for old code`,
        },
      ],
    };
  },
};
