import { named, quoted } from "./names.ts";
import type { Rule } from "./rule.ts";

export const setNotNull: Rule = {
  id: "set-not-null",
  severity: "medium",
  catches: "A column becomes required, and all rows are read while nobody can read or write the table",
  why:
    "SET NOT NULL takes ACCESS EXCLUSIVE and looks at each row. A check that the column is not null, added NOT VALID and " +
    "validated later, proves the same without stopping anybody; from PostgreSQL 12 on SET NOT NULL then looks at no row. " +
    "Code of the previous release that leaves the column empty fails from then on.",
  examples: {
    bad: [
      {
        before: "CREATE TABLE users (id int PRIMARY KEY, email text);",
        sql: "ALTER TABLE users ALTER COLUMN email SET NOT NULL;",
      },
    ],
    good: [
      {
        before: "CREATE TABLE users (id int PRIMARY KEY, email text);",
        sql: "ALTER TABLE users ADD CONSTRAINT users_email_not_null CHECK (email IS NOT NULL) NOT VALID;",
      },
    ],
    goodInContext: [
      {
        before:
          "CREATE TABLE users (id int PRIMARY KEY, email text);" +
          "ALTER TABLE users ADD CONSTRAINT users_email_not_null CHECK (email IS NOT NULL) NOT VALID;" +
          "ALTER TABLE users VALIDATE CONSTRAINT users_email_not_null;",
        sql: "ALTER TABLE users ALTER COLUMN email SET NOT NULL;",
      },
      "CREATE TABLE users (id int PRIMARY KEY, email text); ALTER TABLE users ALTER COLUMN email SET NOT NULL;",
    ],
  },
  check: (change, { schema, postgres }) => {
    if (change.kind !== "set-not-null" || schema.isNew(change.table)) return null;
    const { table, column } = change;
    if (postgres >= 12 && schema.isProvenNotNull(table, column)) return null;
    const check = named(table, column, "not_null");
    return {
      what: `${table}.${column} becomes required: all rows are read while nobody can read or write ${table}`,
      instead: [
        { release: `code that always writes ${table}.${column}` },
        {
          sql: `ALTER TABLE ${quoted(table)} ADD CONSTRAINT ${check} CHECK (${quoted(column)} IS NOT NULL) NOT VALID;`,
        },
        { sql: `ALTER TABLE ${quoted(table)} VALIDATE CONSTRAINT ${check};` },
        {
          sql:
            `ALTER TABLE ${quoted(table)} ALTER COLUMN ${quoted(column)} SET NOT NULL;\n` +
            `ALTER TABLE ${quoted(table)} DROP CONSTRAINT ${check};`,
        },
      ],
    };
  },
};
