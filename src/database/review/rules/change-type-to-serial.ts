import { named, quoted } from "./names.ts";
import type { Rule } from "./rule.ts";

export const changeTypeToSerial: Rule = {
  id: "change-type-to-serial",
  severity: "high",
  catches: "SET DATA TYPE SERIAL or BIGSERIAL, which PostgreSQL refuses: there is no such type",
  why:
    "serial is short for a type, a sequence and a default in the definition of a new column, and nothing anywhere else: the migration " +
    "fails each time. Prisma writes it for Int to BigInt on a field with autoincrement(): the type alone changes, the sequence is there.",
  examples: {
    bad: [
      {
        before: "CREATE TABLE users (id serial PRIMARY KEY);",
        sql: "ALTER TABLE users ALTER COLUMN id SET DATA TYPE BIGSERIAL;",
      },
      "CREATE TABLE draft (id int PRIMARY KEY); ALTER TABLE draft ALTER COLUMN id TYPE serial;",
    ],
    good: [
      {
        before: "CREATE TABLE users (id int PRIMARY KEY);",
        sql: "ALTER TABLE users ALTER COLUMN id SET DATA TYPE bigint;",
      },
    ],
    goodInContext: [
      {
        before: "CREATE TABLE users (name text PRIMARY KEY);",
        sql: "ALTER TABLE users ADD COLUMN id bigserial;",
      },
    ],
  },
  check: (change, { schema }) => {
    if (change.kind !== "column-type" || !change.to.serial) return null;
    const { table, column, to } = change;
    const type = to.name === "int8" ? "bigint" : to.name === "int2" ? "smallint" : "integer";
    const sequence = named(table, column, "seq");
    const altered = `ALTER TABLE ${quoted(table)} ALTER COLUMN ${quoted(column)}`;
    const isCounted = schema.column(table, column)?.fallback === "volatile";
    return {
      what: `PostgreSQL has no type that ALTER could give ${table}.${column}: the migration fails`,
      instead: [
        { sql: `${altered} SET DATA TYPE ${type};` },
        ...(isCounted
          ? [{ sql: `ALTER SEQUENCE ${sequence} AS ${type};` }]
          : [
              { sql: `CREATE SEQUENCE ${sequence} AS ${type} OWNED BY ${quoted(table)}.${quoted(column)};` },
              { sql: `SELECT setval('${sequence}', (SELECT max(${quoted(column)}) FROM ${quoted(table)}));` },
              { sql: `${altered} SET DEFAULT nextval('${sequence}');` },
            ]),
      ],
    };
  },
};
