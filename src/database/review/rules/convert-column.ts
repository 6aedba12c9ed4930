import { quoted, typeText } from "./names.ts";
import { replacement } from "./replacement.ts";
import type { Rule } from "./rule.ts";

export const convertColumn: Rule = {
  id: "convert-column",
  severity: "high",
  catches: "ALTER TYPE USING puts what an expression makes in the place of each value",
  why:
    "The values that were there are gone, and nothing tells whether the expression was right for each of them. Computed " +
    "into a new column they can be compared, and the old ones are still there when somebody goes back.",
  examples: {
    bad: [
      {
        before: "CREATE TABLE orders (id bigint PRIMARY KEY, paid text);",
        sql: "ALTER TABLE orders ALTER COLUMN paid TYPE boolean USING (paid = 'yes');",
      },
      {
        before: "CREATE TABLE visits (id bigint PRIMARY KEY, at timestamp);",
        sql: "ALTER TABLE visits ALTER COLUMN at TYPE timestamptz USING at AT TIME ZONE 'UTC';",
      },
    ],
    good: [
      {
        before: "CREATE TABLE orders (id bigint PRIMARY KEY, paid text);",
        sql: "ALTER TABLE orders ADD COLUMN is_paid boolean;",
      },
    ],
    goodInContext: [
      {
        before: "CREATE TABLE users (id bigint PRIMARY KEY, name varchar(20));",
        sql: "ALTER TABLE users ALTER COLUMN name TYPE text USING name::text;",
      },
      "CREATE TABLE draft (id bigint PRIMARY KEY, paid text); ALTER TABLE draft ALTER COLUMN paid TYPE boolean USING (paid = 'yes');",
    ],
  },
  check: (change, { schema }) => {
    if (change.kind !== "column-type" || change.using !== "computed") return null;
    const { table, column, to } = change;
    if (schema.isNewColumn(table, column)) return null;
    const next = `${column}_new`;
    const fill = `a backfill of ${next} in batches by the same expression, and a query that finds where it is wrong`;
    return {
      what: `each value of ${table}.${column} is replaced by what the expression makes of it, and is gone`,
      instead: [
        { sql: `ALTER TABLE ${quoted(table)} ADD COLUMN ${quoted(next)} ${typeText(to)};` },
        ...replacement(schema, table, { old: column, next }, fill),
      ],
    };
  },
};
