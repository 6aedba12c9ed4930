import type { Rule } from "./rule.ts";

export const rewriteRule: Rule = {
  id: "rewrite-rule",
  severity: "medium",
  catches: "CREATE RULE or DROP RULE changes what queries of a table that is in use mean",
  why:
    "A rule rewrites each query of the table before it runs: an INSERT may do nothing, or two things, and its arguments may be evaluated " +
    "more than once. A trigger, or a view, says the same in a way that can be followed.",
  examples: {
    bad: [
      {
        before: "CREATE TABLE orders (id int PRIMARY KEY);",
        sql: "CREATE RULE keep AS ON DELETE TO orders DO INSTEAD NOTHING;",
      },
      { before: "CREATE TABLE orders (id int PRIMARY KEY);", sql: "DROP RULE keep ON orders;" },
    ],
    good: [
      {
        before: "CREATE TABLE orders (id int PRIMARY KEY);",
        sql: "CREATE VIEW kept AS SELECT id FROM orders WHERE id > 0;",
      },
    ],
    goodInContext: [
      "CREATE TABLE orders (id int PRIMARY KEY); CREATE RULE keep AS ON DELETE TO orders DO INSTEAD NOTHING;",
    ],
  },
  check: (change, { schema }) => {
    if (change.kind !== "create-rule" && change.kind !== "drop-rule") return null;
    if (schema.isNew(change.table)) return null;
    const what =
      change.kind === "create-rule"
        ? `${change.name} rewrites queries of ${change.table}, those of live code included`
        : `queries of ${change.table} are no longer rewritten by ${change.name}`;
    return { what, instead: [] };
  },
};
