import { workOf } from "../effects/work.ts";
import { oldCodeAfter } from "../effects/old-code.ts";
import { named, quoted, typeText } from "./names.ts";
import { replacement } from "./replacement.ts";
import type { Rule } from "./rule.ts";

export const changeColumnType: Rule = {
  id: "change-column-type",
  severity: "high",
  catches: "A column gets another type: all rows are written anew, or old code reads another type",
  why:
    "But for types that mean the same on disk (a longer varchar, varchar to text, more digits of a numeric, a longer timestamp), " +
    "ALTER TYPE writes the table and its indexes anew while nobody can read or write it, and code of the previous release " +
    "gets values of a type that it does not expect.",
  examples: {
    bad: [
      {
        before: "CREATE TABLE orders (id int PRIMARY KEY, total int);",
        sql: "ALTER TABLE orders ALTER COLUMN total TYPE bigint;",
      },
      { sql: 'ALTER TABLE "Order" ALTER COLUMN "total" SET DATA TYPE BIGINT;' },
      {
        before: "CREATE TABLE users (id bigint PRIMARY KEY, email text);",
        sql: "ALTER TABLE users ALTER COLUMN email TYPE citext;",
      },
      {
        before: "CREATE TABLE users (id bigint PRIMARY KEY, name varchar(20), CHECK (name <> ''));",
        sql: "ALTER TABLE users ALTER COLUMN name TYPE text;",
      },
      {
        before: "CREATE TABLE posts (id bigint PRIMARY KEY, tags varchar(20)[]);",
        sql: "ALTER TABLE posts ALTER COLUMN tags TYPE varchar(40)[];",
      },
    ],
    good: [
      {
        before: "CREATE TABLE orders (id int PRIMARY KEY, total int);",
        sql: "ALTER TABLE orders ADD COLUMN total_bigint bigint;",
      },
    ],
    goodInContext: [
      {
        before: "CREATE TABLE users (id bigint PRIMARY KEY, name varchar(20));",
        sql: "ALTER TABLE users ALTER COLUMN name TYPE varchar(40);",
      },
      {
        before: "CREATE TABLE users (id bigint PRIMARY KEY, name varchar(20));",
        sql: "ALTER TABLE users ALTER COLUMN name TYPE text;",
      },
      {
        before: "CREATE TABLE orders (id bigint PRIMARY KEY, total numeric(10, 2));",
        sql: "ALTER TABLE orders ALTER COLUMN total TYPE numeric(14, 2);",
      },
      "CREATE TABLE draft (id int PRIMARY KEY, total int); ALTER TABLE draft ALTER COLUMN total TYPE bigint;",
    ],
  },
  check: (change, at) => {
    if (change.kind !== "column-type" || at.schema.isNew(change.table)) return null;
    const { table, column, to } = change;
    const { rewrites, scans } = workOf(change, at);
    const isRead = rewrites.length > 0 || scans.length > 0;
    const isBreaking = oldCodeAfter(change, at).verdict !== "works";
    if (!isRead && !isBreaking) return null;
    const type = typeText(to);
    const from = at.schema.typeOf(table, column);
    const was = from === undefined ? "" : ` was ${typeText(from)} and`;
    const work =
      rewrites.length > 0
        ? `: ${table} is written anew, and nobody can read or write it meanwhile`
        : scans.length > 0
          ? `: its checks look at each row of ${table}, and nobody can read or write it meanwhile`
          : ": code that knows the old type gets other values or other comparisons";
    return {
      what: `${table}.${column}${was} becomes ${type}${work}`,
      instead: [
        { sql: `ALTER TABLE ${quoted(table)} ADD COLUMN ${named(column, to.name)} ${type};` },
        ...replacement(
          at.schema,
          table,
          { old: column, next: "the new column" },
          "a backfill in batches: UPDATE some thousands of rows at a time, each in a transaction of its own",
        ),
      ],
    };
  },
};
