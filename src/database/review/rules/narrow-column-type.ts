import type { TypeFacts } from "../change.ts";
import { quoted, named, typeText } from "./names.ts";
import type { Rule, SafeStep } from "./rule.ts";

export const narrowColumnType: Rule = {
  id: "narrow-column-type",
  severity: "high",
  catches: "A column gets a type that holds less: values are refused, rounded or cut",
  why:
    "Where a value does not fit, the migration fails on the data of production and not on that of a test; numbers and times " +
    "lose digits without a word. A check says first whether all values fit, and stops nobody.",
  examples: {
    bad: [
      {
        before: "CREATE TABLE users (id bigint PRIMARY KEY, name text);",
        sql: "ALTER TABLE users ALTER COLUMN name TYPE varchar(40);",
      },
      {
        before: "CREATE TABLE users (id bigint PRIMARY KEY, name text);",
        sql: "ALTER TABLE users ALTER COLUMN name TYPE varchar(40) USING name::varchar(40);",
      },
      {
        before: "CREATE TABLE orders (id bigint PRIMARY KEY, total bigint);",
        sql: "ALTER TABLE orders ALTER COLUMN total TYPE int;",
      },
      {
        before: "CREATE TABLE orders (id bigint PRIMARY KEY, total numeric(12, 4));",
        sql: "ALTER TABLE orders ALTER COLUMN total TYPE numeric(12, 2);",
      },
      {
        before: "CREATE TABLE visits (id bigint PRIMARY KEY, at timestamptz);",
        sql: "ALTER TABLE visits ALTER COLUMN at TYPE date;",
      },
    ],
    good: [
      {
        before: "CREATE TABLE users (id bigint PRIMARY KEY, name text);",
        sql: "ALTER TABLE users ADD CONSTRAINT users_name_fits CHECK (length(name) <= 40) NOT VALID;",
      },
    ],
    goodInContext: [
      {
        before: "CREATE TABLE users (id bigint PRIMARY KEY, name varchar(20));",
        sql: "ALTER TABLE users ALTER COLUMN name TYPE varchar(40);",
      },
      "CREATE TABLE draft (id bigint PRIMARY KEY, name text); ALTER TABLE draft ALTER COLUMN name TYPE varchar(40);",
    ],
  },
  check: (change, { schema }) => {
    if (change.kind !== "column-type" || schema.isNewColumn(change.table, change.column)) return null;
    const { table, column, to } = change;
    const from = schema.typeOf(table, column);
    if (from === undefined || from.array !== to.array) return null;
    const loss = lossOf(from, to, change.using !== null);
    if (loss === null) return null;
    const fits = fitsText(quoted(column), to);
    const check = named(table, column, "fits");
    const steps: SafeStep[] =
      fits === null || to.array
        ? []
        : [
            { sql: `ALTER TABLE ${quoted(table)} ADD CONSTRAINT ${check} CHECK (${fits}) NOT VALID;` },
            { sql: `ALTER TABLE ${quoted(table)} VALIDATE CONSTRAINT ${check};` },
          ];
    return {
      what: `${table}.${column} was ${typeText(from)} and becomes ${typeText(to)}: ${loss}`,
      instead: [
        { release: `code that writes to ${table}.${column} only what fits ${typeText(to)}` },
        ...steps,
        ...(steps.length > 0
          ? []
          : [
              {
                release: `a new column of ${typeText(to)}, filled by a query that says what becomes of each value`,
              },
            ]),
      ],
    };
  },
};

/** What becomes of values that do not fit; null where all do, and where the types are not of one family. */
function lossOf(from: TypeFacts, to: TypeFacts, isCast: boolean): string | null {
  const isText = (name: string) => ["text", "varchar", "bpchar"].includes(name);
  if (isText(from.name) && isText(to.name)) {
    const limit = to.modifiers[0] ?? Infinity;
    return limit < (from.modifiers[0] ?? Infinity) ? (isCast ? cut : refused) : null;
  }
  const [before, after] = [sizes[from.name], sizes[to.name]];
  if (before !== undefined && after !== undefined) {
    if (before.of !== after.of) return null;
    return after.size < before.size ? before.loss : null;
  }
  if (from.name === "numeric" && to.name === "numeric") {
    const [digits = Infinity, scale = 0] = to.modifiers;
    const [digitsBefore = Infinity, scaleBefore = Infinity] = from.modifiers;
    const isUnlimited = to.modifiers.length === 0;
    if (isUnlimited) return null;
    if (scale < scaleBefore) return "digits behind the point are rounded away";
    return digits - scale < digitsBefore - scaleBefore || !Number.isFinite(digitsBefore) ? refused : null;
  }
  if (from.name === to.name && moments.has(to.name)) {
    const precision = to.modifiers[0] ?? 6;
    return precision < (from.modifiers[0] ?? 6) ? "fractions of a second are rounded away" : null;
  }
  if (
    (from.name === "timestamptz" || from.name === "timestamp") &&
    (to.name === "date" || to.name === "time")
  )
    return `what is no ${to.name} is cut off`;
  if (["numeric", "float4", "float8"].includes(from.name) && ["int2", "int4", "int8"].includes(to.name))
    return "digits behind the point are rounded away";
  return null;
}

const refused = "a value that does not fit makes the migration fail";
const cut = "a value that does not fit is cut without a word, or makes the migration fail";
const refusedNumber = "a number that is too large makes the migration fail";
const sizes: Readonly<Record<string, { readonly of: string; readonly size: number; readonly loss: string }>> =
  {
    int2: { of: "integer", size: 2, loss: refusedNumber },
    int4: { of: "integer", size: 4, loss: refusedNumber },
    int8: { of: "integer", size: 8, loss: refusedNumber },
    float4: { of: "float", size: 4, loss: "digits are lost" },
    float8: { of: "float", size: 8, loss: "digits are lost" },
  };
const moments = new Set(["timestamp", "timestamptz", "time", "timetz"]);

/** The condition under which a value stays what it is. */
function fitsText(column: string, to: TypeFacts): string | null {
  if (["varchar", "bpchar"].includes(to.name) && to.modifiers[0] !== undefined)
    return `length(${column}) <= ${String(to.modifiers[0])}`;
  if (to.name === "int4") return `${column} BETWEEN -2147483648 AND 2147483647`;
  if (to.name === "int2") return `${column} BETWEEN -32768 AND 32767`;
  if (to.name === "numeric" && to.modifiers.length > 0) return `${column} = ${column}::${typeText(to)}`;
  return to.name === "date" ? `${column} = ${column}::date` : null;
}
