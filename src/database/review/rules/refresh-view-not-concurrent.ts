import { quoted } from "./names.ts";
import type { Rule } from "./rule.ts";

export const refreshViewNotConcurrent: Rule = {
  id: "refresh-view-not-concurrent",
  severity: "high",
  catches: "A materialized view is computed anew, and nobody can read it meanwhile",
  why:
    "REFRESH takes ACCESS EXCLUSIVE for as long as its query runs. CONCURRENTLY lets readers go on with the rows from before; it " +
    "needs a unique index over plain columns of the view.",
  examples: {
    bad: [
      {
        before: "CREATE MATERIALIZED VIEW totals AS SELECT 1 AS n;",
        sql: "REFRESH MATERIALIZED VIEW totals;",
      },
    ],
    good: [
      {
        before:
          "CREATE MATERIALIZED VIEW totals AS SELECT 1 AS n; CREATE UNIQUE INDEX totals_n ON totals (n);",
        sql: "REFRESH MATERIALIZED VIEW CONCURRENTLY totals;",
      },
    ],
    goodInContext: [
      "CREATE MATERIALIZED VIEW draft AS SELECT 1 AS n WITH NO DATA; REFRESH MATERIALIZED VIEW draft;",
    ],
  },
  check: (change, { schema }) => {
    if (change.kind !== "refresh-view" || change.concurrently || schema.isNewView(change.view)) return null;
    const { view } = change;
    return {
      what: `nobody can read ${view} while it is computed anew`,
      instead: [
        { release: `a unique index over columns of ${view}, where there is none` },
        { sql: `REFRESH MATERIALIZED VIEW CONCURRENTLY ${quoted(view)};` },
      ],
    };
  },
};
