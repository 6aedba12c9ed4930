import { named, quoted } from "./names.ts";
import type { Rule } from "./rule.ts";

export const dropPrimaryKey: Rule = {
  id: "drop-primary-key",
  severity: "high",
  removes: true,
  catches: "A table loses its primary key",
  why:
    "Foreign keys to it and ON CONFLICT fail, duplicates come in, and logical replication refuses UPDATE and DELETE, which it " +
    "can no longer tell apart. A unique index made first keeps rows apart in the meantime, and the new key takes it over.",
  examples: {
    bad: [
      {
        before: "CREATE TABLE users (id bigint PRIMARY KEY, email text);",
        sql: "ALTER TABLE users DROP CONSTRAINT users_pkey;",
      },
    ],
    good: [
      {
        before: "CREATE TABLE users (id bigint PRIMARY KEY, email text);",
        sql: "CREATE UNIQUE INDEX CONCURRENTLY users_email_idx ON users (email);",
      },
    ],
    goodInContext: [
      "CREATE TABLE draft (id bigint PRIMARY KEY); ALTER TABLE draft DROP CONSTRAINT draft_pkey;",
    ],
  },
  check: (change, { schema }) => {
    if (change.kind !== "drop-constraint" || schema.isNew(change.table)) return null;
    const { table, name } = change;
    const found = schema.constraint(table, name);
    if (found === undefined ? !name.endsWith("_pkey") : found.kind !== "primary") return null;
    const others = schema.referencing(table);
    const referred = others.length === 0 ? "fails" : `and the foreign keys of ${others.join(", ")} fail`;
    const columns = found?.columns ?? [];
    const index = named(table, ...columns, "unique");
    return {
      what: `${table} has no primary key from then on: ON CONFLICT ${referred}, and duplicates come in`,
      instead: [
        ...(columns.length === 0
          ? []
          : [
              {
                sql: `CREATE UNIQUE INDEX CONCURRENTLY ${index} ON ${quoted(table)} (${columns.map(quoted).join(", ")});`,
                alone: true as const,
              },
            ]),
        {
          release: `the index of the new key, CONCURRENTLY and alone; then the old key goes and the new one comes by USING INDEX, in one ALTER TABLE with a short lock_timeout`,
        },
      ],
    };
  },
};
