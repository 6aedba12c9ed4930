import { named, quoted, typeText } from "./names.ts";
import type { ColumnFacts } from "../change.ts";
import type { Rule, SafeStep } from "./rule.ts";

export const addAutoIncrementColumn: Rule = {
  id: "add-auto-increment-column",
  severity: "high",
  catches: "A serial or identity column is added to a table with rows, which is written anew",
  why:
    "Each row that is there gets a number, under a lock that lets nobody read or write, and in no order that means anything. " +
    "A column with a sequence of its own can be filled in batches.",
  examples: {
    bad: [
      {
        before: "CREATE TABLE users (email text PRIMARY KEY);",
        sql: "ALTER TABLE users ADD COLUMN id bigserial;",
      },
      {
        before: "CREATE TABLE users (email text PRIMARY KEY);",
        sql: "ALTER TABLE users ADD COLUMN id bigint GENERATED ALWAYS AS IDENTITY;",
      },
    ],
    good: [
      {
        before: "CREATE TABLE users (email text PRIMARY KEY);",
        sql:
          "ALTER TABLE users ADD COLUMN id bigint; CREATE SEQUENCE users_id_seq OWNED BY users.id;" +
          "ALTER TABLE users ALTER COLUMN id SET DEFAULT nextval('users_id_seq');",
      },
    ],
    goodInContext: ["CREATE TABLE draft (email text); ALTER TABLE draft ADD COLUMN id bigserial;"],
  },
  check: (change, { schema }) => {
    if (change.kind !== "add-column" || schema.isNew(change.table)) return null;
    const { table, column } = change;
    if (!column.type.serial && !column.identity) return null;
    return {
      what: `each row of ${table} gets a number in ${column.name}: it is written anew, and nobody can read or write it meanwhile`,
      instead: withSequence(table, column),
    };
  },
};

/** The column with a sequence of its own, filled later. */
export function withSequence(table: string, column: ColumnFacts): SafeStep[] {
  const name = quoted(column.name);
  const sequence = named(table, column.name, "seq");
  const place = table.includes(".") ? `${quoted(table.split(".")[0] ?? "")}.` : "";
  const literal = `${place}${sequence}`.replaceAll("'", "''");
  return [
    {
      sql:
        `ALTER TABLE ${quoted(table)} ADD COLUMN ${name} ${typeText({ ...column.type, serial: false })};\n` +
        `CREATE SEQUENCE ${place}${sequence} OWNED BY ${quoted(table)}.${name};\n` +
        `ALTER TABLE ${quoted(table)} ALTER COLUMN ${name} SET DEFAULT nextval('${literal}');`,
    },
    { release: `a backfill of ${table}.${column.name} with nextval in batches, where it is null` },
  ];
}
