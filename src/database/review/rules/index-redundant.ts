import type { ChangeOf } from "../change.ts";
import type { Index } from "../schema/schema.ts";
import type { Rule } from "./rule.ts";

export const indexRedundant: Rule = {
  id: "index-redundant",
  severity: "low",
  catches: "An index on columns with which another one begins already",
  why:
    "An index on (shop, buyer) answers what one on (shop) would. The second one is built, kept at each write, and used by nobody. " +
    "One that is UNIQUE, partial, of another method or in another order does something else.",
  examples: {
    bad: [
      {
        before:
          "CREATE TABLE orders (id int PRIMARY KEY, shop int, buyer int); CREATE INDEX orders_shop_buyer ON orders (shop, buyer);",
        sql: "CREATE INDEX CONCURRENTLY orders_shop ON orders (shop);",
      },
      "CREATE TABLE orders (id int PRIMARY KEY); CREATE INDEX orders_id ON orders (id);",
    ],
    good: [
      {
        before:
          "CREATE TABLE orders (id int PRIMARY KEY, shop int, buyer int); CREATE INDEX orders_shop_buyer ON orders (shop, buyer);",
        sql: "CREATE INDEX CONCURRENTLY orders_buyer ON orders (buyer);",
      },
    ],
    goodInContext: [
      {
        before:
          "CREATE TABLE orders (id int PRIMARY KEY, shop int, buyer int); CREATE INDEX orders_shop_buyer ON orders (shop, buyer);",
        sql: "CREATE UNIQUE INDEX CONCURRENTLY orders_shop ON orders (shop);",
      },
      {
        before:
          "CREATE TABLE orders (id int PRIMARY KEY, shop int, buyer int); CREATE INDEX orders_shop_buyer ON orders (shop, buyer) WHERE buyer > 0;",
        sql: "CREATE INDEX CONCURRENTLY orders_shop ON orders (shop DESC);",
      },
    ],
  },
  check: (change, { schema }) => {
    if (change.kind !== "create-index" || change.unique) return null;
    const found = [...(schema.tables.get(change.table)?.indexes.values() ?? [])].find(
      (index) => index.name !== change.name && answers(index, change),
    );
    if (found === undefined) return null;
    const columns = found.columns.join(", ");
    return {
      what: `${found.name} on ${change.table} (${columns}) answers already what ${change.name === "" ? "it" : change.name} would: leave it out`,
      instead: [],
    };
  },
};

function answers(index: Index, { columns, partial, method, ordinary }: ChangeOf<"create-index">): boolean {
  return (
    ordinary &&
    index.ordinary &&
    !partial &&
    !index.partial &&
    method === "btree" &&
    index.method === "btree" &&
    columns.every((column, place) => column !== null && column === index.columns[place])
  );
}
