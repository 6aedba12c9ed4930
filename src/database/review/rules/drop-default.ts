import type { Rule } from "./rule.ts";

export const dropDefault: Rule = {
  id: "drop-default",
  severity: "high",
  removes: true,
  catches: "A column that must have a value loses the default that old code counts on",
  why:
    "Code of the previous release that leaves the column out is refused from then on. Where the column may be null, it " +
    "writes null instead, which is said as low.",
  examples: {
    bad: [
      {
        before: "CREATE TABLE orders (id bigint PRIMARY KEY, state text NOT NULL DEFAULT 'open');",
        sql: "ALTER TABLE orders ALTER COLUMN state DROP DEFAULT;",
      },
      {
        before: "CREATE TABLE orders (id bigint PRIMARY KEY, state text DEFAULT 'open');",
        sql: "ALTER TABLE orders ALTER COLUMN state DROP DEFAULT;",
      },
    ],
    good: [
      {
        before: "CREATE TABLE orders (id bigint PRIMARY KEY, state text NOT NULL DEFAULT 'open');",
        sql: "ALTER TABLE orders ALTER COLUMN state SET DEFAULT 'new';",
      },
    ],
    goodInContext: [
      {
        before: "CREATE TABLE orders (id bigint PRIMARY KEY, state text NOT NULL);",
        sql: "ALTER TABLE orders ALTER COLUMN state DROP DEFAULT;",
      },
      "CREATE TABLE draft (state text NOT NULL DEFAULT 'open'); ALTER TABLE draft ALTER COLUMN state DROP DEFAULT;",
      {
        before: "CREATE TABLE orders (id bigint PRIMARY KEY);",
        sql: "ALTER TABLE orders ADD COLUMN state text DEFAULT 'open'; ALTER TABLE orders ALTER COLUMN state DROP DEFAULT;",
      },
      {
        before: "CREATE TABLE carts (id bigint PRIMARY KEY, state text NOT NULL DEFAULT 'open');",
        sql: "ALTER TABLE carts ALTER COLUMN state DROP DEFAULT;",
        unused: ["carts"],
      },
    ],
  },
  check: (change, { schema, uses }) => {
    if (change.kind !== "drop-default") return null;
    const { table, column } = change;
    const facts = schema.column(table, column);
    if (schema.isNew(table) || uses.table(table).state === "unused") return null;
    if (facts !== undefined && (facts.fallback === null || facts.fallback === "null")) return null;
    // New and required, it is what code that does not know it cannot do without.
    if (schema.isNewColumn(table, column) && facts?.notNull !== true) return null;
    const isRequired = facts === undefined || facts.notNull;
    return {
      ...(isRequired ? {} : { severity: "low" }),
      what: isRequired
        ? `rows that old code writes without ${table}.${column} are refused`
        : `rows that old code writes without ${table}.${column} hold null`,
      instead: [
        {
          release: `code that always writes ${table}.${column}; wait until no release that leaves it out is live, and drop the default then`,
        },
      ],
    };
  },
};
