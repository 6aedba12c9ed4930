import { quoted } from "./names.ts";
import type { Rule } from "./rule.ts";

export const uniqueIndexOnData: Rule = {
  id: "unique-index-on-data",
  severity: "medium",
  catches: "A unique index on columns that hold values: duplicates stop it, and writers that make some",
  why:
    "Two rows with the same values make it fail; built CONCURRENTLY it then stays behind as invalid, and refuses new duplicates all " +
    "the same. Code of the previous release that writes a value twice fails from the moment that the build begins. A nullable " +
    "column that no live code knows holds nothing, and one that is unique already cannot be broken.",
  examples: {
    bad: [
      {
        before: "CREATE TABLE users (id int PRIMARY KEY, email text);",
        sql: "CREATE UNIQUE INDEX CONCURRENTLY users_email ON users (email);",
      },
      {
        before: "CREATE TABLE users (id int PRIMARY KEY, email text);",
        sql: "CREATE UNIQUE INDEX CONCURRENTLY users_email ON users (lower(email));",
      },
    ],
    good: [
      {
        before: "CREATE TABLE users (id int PRIMARY KEY, email text);",
        sql: "CREATE INDEX CONCURRENTLY users_email ON users (email);",
      },
    ],
    goodInContext: [
      "CREATE TABLE users (id int PRIMARY KEY, email text); CREATE UNIQUE INDEX users_email ON users (email);",
      {
        before: "CREATE TABLE users (id int PRIMARY KEY);",
        sql: "ALTER TABLE users ADD COLUMN email text; CREATE UNIQUE INDEX users_email ON users (email);",
      },
      {
        before:
          "CREATE TABLE users (id int PRIMARY KEY, email text); CREATE UNIQUE INDEX u ON users (email);",
        sql: "CREATE UNIQUE INDEX CONCURRENTLY users_email ON users (id, email);",
      },
      {
        before: "CREATE TABLE carts (id bigint PRIMARY KEY, code text);",
        sql: "CREATE UNIQUE INDEX CONCURRENTLY carts_code ON carts (code);",
        unused: ["carts"],
      },
    ],
  },
  check: (change, { oldCode }) => {
    if (change.kind !== "create-index" || !change.unique || oldCode.verdict === "works") return null;
    const { table, columns } = change;
    const names = columns.flatMap((column) => column ?? []);
    const isListed = names.length === columns.length && names.length > 0;
    const list = names.map(quoted).join(", ");
    return {
      what: `rows of ${table} with the same ${isListed ? names.join(", ") : "values"} stop it, and whoever writes such rows fails from then on`,
      instead: isListed
        ? [
            { release: `code that never writes ${table} with a ${names.join(", ")} that is there` },
            { sql: `SELECT ${list}, count(*) FROM ${quoted(table)} GROUP BY ${list} HAVING count(*) > 1;` },
          ]
        : [],
    };
  },
};
