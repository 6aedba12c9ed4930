import { named, quoted } from "./names.ts";
import type { Rule } from "./rule.ts";

const most = 3;

export const indexManyColumns: Rule = {
  id: "index-many-columns",
  severity: "low",
  catches: "An index has more than three columns",
  why:
    "Each write has to keep it, and it seldom answers more than one on its first columns does: PostgreSQL finds with those, and " +
    "looks at the few rows that are left. One that is UNIQUE says something about all its columns, and is left alone.",
  examples: {
    bad: [
      {
        before: "CREATE TABLE orders (id int PRIMARY KEY, shop int, buyer int, state int, at date);",
        sql: "CREATE INDEX CONCURRENTLY orders_all ON orders (shop, buyer, state, at);",
      },
    ],
    good: [
      {
        before: "CREATE TABLE orders (id int PRIMARY KEY, shop int, buyer int, state int, at date);",
        sql: "CREATE INDEX CONCURRENTLY orders_shop_buyer ON orders (shop, buyer);",
      },
    ],
    goodInContext: [
      {
        before: "CREATE TABLE orders (id int PRIMARY KEY, shop int, buyer int, state int, at date);",
        sql: "CREATE UNIQUE INDEX CONCURRENTLY orders_once ON orders (shop, buyer, state, at);",
      },
    ],
  },
  check: (change, { schema }) => {
    if (change.kind !== "create-index" || change.unique || change.columns.length <= most) return null;
    const { table, columns } = change;
    const first = columns.slice(0, 2).flatMap((column) => column ?? []);
    const how = schema.isNew(table) ? "INDEX" : "INDEX CONCURRENTLY";
    return {
      what: `${change.name === "" ? `an index of ${table}` : change.name} has ${String(columns.length)} columns, which each write to ${table} keeps in order`,
      instead:
        first.length === 2
          ? [
              {
                sql: `CREATE ${how} ${named(table, ...first, "idx")} ON ${quoted(table)} (${first.map(quoted).join(", ")});`,
                alone: true,
              },
            ]
          : [],
    };
  },
};
