import type { Change, ConstraintFacts } from "../change.ts";
import { withSequence } from "./add-auto-increment-column.ts";
import { named, quoted, typeText } from "./names.ts";
import type { Rule, RuleSituation, SafeStep } from "./rule.ts";

export const uniqueWithoutIndex: Rule = {
  id: "unique-without-index",
  severity: "high",
  catches: "UNIQUE builds its index while nobody can read or write the table",
  why:
    "ADD UNIQUE takes ACCESS EXCLUSIVE until its index is built from all rows. The same index built CONCURRENTLY stops " +
    "nobody; the constraint then takes it over at once. Rows that are there twice make either fail: look for them first.",
  examples: {
    bad: [
      {
        before: "CREATE TABLE users (id bigint PRIMARY KEY, email text);",
        sql: "ALTER TABLE users ADD CONSTRAINT users_email_key UNIQUE (email);",
      },
      {
        before: "CREATE TABLE users (id bigint PRIMARY KEY);",
        sql: "ALTER TABLE users ADD COLUMN email text UNIQUE;",
      },
    ],
    good: [
      {
        before:
          "CREATE TABLE users (id bigint PRIMARY KEY, email text); CREATE UNIQUE INDEX CONCURRENTLY users_email_key ON users (email);",
        sql: "ALTER TABLE users ADD CONSTRAINT users_email_key UNIQUE USING INDEX users_email_key;",
      },
    ],
    goodInContext: [
      "CREATE TABLE draft (email text); ALTER TABLE draft ADD CONSTRAINT draft_email_key UNIQUE (email);",
    ],
  },
  check: (change, at) => {
    const found = keyOf(change, at, "unique");
    if (found === null) return null;
    const { table, constraint, columns } = found;
    const name = constraint.name === "" ? named(table, ...columns, "key") : quoted(constraint.name);
    return {
      what: `nobody can read or write ${table} while the index for UNIQUE (${columns.join(", ")}) is built`,
      instead: [
        ...addedColumn(change),
        {
          sql: `CREATE UNIQUE INDEX CONCURRENTLY ${name} ON ${quoted(table)} (${columns.map(quoted).join(", ")});`,
          alone: true,
        },
        { sql: `ALTER TABLE ${quoted(table)} ADD CONSTRAINT ${name} UNIQUE USING INDEX ${name};` },
      ],
    };
  },
};

/** The UNIQUE or PRIMARY KEY that a change adds to a table that live code uses, and for which an index is built. */
export function keyOf(
  change: Change,
  { schema }: RuleSituation,
  kind: "unique" | "primary",
): {
  readonly table: string;
  readonly constraint: ConstraintFacts;
  readonly columns: readonly string[];
} | null {
  if (change.kind !== "add-constraint" && change.kind !== "add-column") return null;
  if (schema.isNew(change.table)) return null;
  const given = change.kind === "add-constraint" ? [change.constraint] : change.constraints;
  const constraint = given.find((each) => each.kind === kind && each.usingIndex === null);
  return constraint === undefined ? null : { table: change.table, constraint, columns: constraint.columns };
}

/** The same column, with of its definition only what is instant. */
export function addedColumn(change: Change): SafeStep[] {
  if (change.kind !== "add-column") return [];
  if (change.column.identity || change.column.type.serial) return withSequence(change.table, change.column);
  const { table, column } = change;
  const { fallback, fallbackSql } = column;
  const isKept = fallbackSql !== null && (fallback === "constant" || fallback === "stable");
  const value = isKept ? ` DEFAULT ${fallbackSql}${column.notNull ? " NOT NULL" : ""}` : "";
  return [
    {
      sql: `ALTER TABLE ${quoted(table)} ADD COLUMN ${quoted(column.name)} ${typeText(column.type)}${value};`,
    },
    ...(isKept ? [] : [{ release: `a backfill of ${table}.${column.name} in batches` }]),
  ];
}
