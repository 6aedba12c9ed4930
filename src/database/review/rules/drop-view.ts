import type { Rule } from "./rule.ts";

export const dropView: Rule = {
  id: "drop-view",
  severity: "high",
  removes: true,
  catches: "A view that live code may read is dropped",
  why:
    "Code of the previous release that reads the view fails at once. Where another view of the same name follows in the same " +
    "transaction, code goes on when that one has the same columns: CREATE OR REPLACE VIEW says so, and keeps the rights.",
  examples: {
    bad: [
      { before: "CREATE VIEW totals AS SELECT 1 AS n;", sql: "DROP VIEW totals;" },
      { before: "CREATE MATERIALIZED VIEW totals AS SELECT 1 AS n;", sql: "DROP MATERIALIZED VIEW totals;" },
    ],
    good: [{ before: "CREATE VIEW totals AS SELECT 1 AS n;", sql: "CREATE VIEW totals_2 AS SELECT 2 AS n;" }],
    goodInContext: [
      "CREATE VIEW draft AS SELECT 1 AS n; DROP VIEW draft;",
      { before: "CREATE VIEW totals AS SELECT 1 AS n;", sql: "DROP VIEW totals;", unused: ["totals"] },
    ],
  },
  check: (change, { schema, uses }) => {
    if (change.kind !== "drop-view" || schema.isNewView(change.view)) return null;
    const { view, materialized } = change;
    if (uses.table(view).state === "unused") return null;
    return {
      what: `code that reads the ${materialized ? "materialized " : ""}view ${view} fails`,
      instead: [
        {
          release: `code that does not read ${view}; wait until no release that does is live, and drop it then`,
        },
      ],
    };
  },
};
