import { quoted, named } from "./names.ts";
import type { Rule } from "./rule.ts";
import { addedColumn, keyOf } from "./unique-without-index.ts";

export const primaryKeyWithoutIndex: Rule = {
  id: "primary-key-without-index",
  severity: "high",
  catches: "PRIMARY KEY builds its index, and proves that no row is null, while nobody can use the table",
  why:
    "ADD PRIMARY KEY takes ACCESS EXCLUSIVE until its index is built; where a column may be null, it also looks at each row. " +
    "A valid check that it is not null and a unique index, both made without stopping anybody, make it instant.",
  examples: {
    bad: [
      {
        before: "CREATE TABLE users (id bigint, email text);",
        sql: "ALTER TABLE users ADD CONSTRAINT users_pkey PRIMARY KEY (id);",
      },
      {
        before: "CREATE TABLE users (email text);",
        sql: "ALTER TABLE users ADD COLUMN id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY;",
      },
      {
        before:
          "CREATE TABLE users (id bigint, email text); CREATE UNIQUE INDEX CONCURRENTLY users_pkey ON users (id);",
        sql: "ALTER TABLE users ADD CONSTRAINT users_pkey PRIMARY KEY USING INDEX users_pkey;",
      },
    ],
    good: [
      {
        before:
          "CREATE TABLE users (id bigint NOT NULL, email text); CREATE UNIQUE INDEX CONCURRENTLY users_pkey ON users (id);",
        sql: "ALTER TABLE users ADD CONSTRAINT users_pkey PRIMARY KEY USING INDEX users_pkey;",
      },
    ],
    goodInContext: ["CREATE TABLE draft (id bigint); ALTER TABLE draft ADD PRIMARY KEY (id);"],
  },
  check: (change, at) => {
    const found = keyOf(change, at, "primary") ?? nullable(change, at);
    if (found === null) return null;
    const { table, constraint, columns } = found;
    const name = constraint.name === "" ? named(table, "pkey") : quoted(constraint.name);
    const checks = columns.filter((column) => !at.schema.isProvenNotNull(table, column));
    const isBuilt = constraint.usingIndex !== null;
    return {
      what: isBuilt
        ? `nobody can read or write ${table} while each row is looked at for null in ${checks.join(", ")}`
        : `nobody can read or write ${table} while the index for PRIMARY KEY (${columns.join(", ")}) is built`,
      instead: [
        ...addedColumn(change),
        ...checks.flatMap((column) => {
          const check = named(table, column, "not_null");
          return [
            {
              sql: `ALTER TABLE ${quoted(table)} ADD CONSTRAINT ${check} CHECK (${quoted(column)} IS NOT NULL) NOT VALID;`,
            },
            { sql: `ALTER TABLE ${quoted(table)} VALIDATE CONSTRAINT ${check};` },
            { sql: `ALTER TABLE ${quoted(table)} ALTER COLUMN ${quoted(column)} SET NOT NULL;` },
          ];
        }),
        ...(isBuilt
          ? []
          : [
              {
                sql: `CREATE UNIQUE INDEX CONCURRENTLY ${name} ON ${quoted(table)} (${columns.map(quoted).join(", ")});`,
                alone: true as const,
              },
            ]),
        {
          sql: `ALTER TABLE ${quoted(table)} ADD CONSTRAINT ${name} PRIMARY KEY USING INDEX ${isBuilt ? quoted(constraint.usingIndex) : name};`,
        },
      ],
    };
  },
};

/** By an index that is there, over columns that may be null. */
function nullable(...[change, { schema }]: Parameters<Rule["check"]>): ReturnType<typeof keyOf> {
  if (change.kind !== "add-constraint" || schema.isNew(change.table)) return null;
  const { table, constraint } = change;
  if (constraint.kind !== "primary" || constraint.usingIndex === null) return null;
  const index = schema.tables.get(table)?.indexes.get(constraint.usingIndex);
  const columns = index?.columns.filter((column) => column !== null) ?? [];
  const isProven = columns.every((column) => schema.isProvenNotNull(table, column));
  return isProven ? null : { table, constraint, columns };
}
