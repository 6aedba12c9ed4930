import { quoted } from "./names.ts";
import type { Rule } from "./rule.ts";

export const renameView: Rule = {
  id: "rename-view",
  severity: "high",
  removes: true,
  catches: "A view, or one of its columns, gets another name while code that is live uses the old one",
  why: "Between the migration and the last replica of the new release, one of both versions finds no view. Two views can stand side by side.",
  examples: {
    bad: [
      { before: "CREATE VIEW totals AS SELECT 1 AS n;", sql: "ALTER VIEW totals RENAME TO sums;" },
      { before: "CREATE VIEW totals AS SELECT 1 AS n;", sql: "ALTER VIEW totals RENAME COLUMN n TO total;" },
    ],
    good: [
      { before: "CREATE VIEW totals AS SELECT 1 AS n;", sql: "CREATE VIEW sums AS SELECT * FROM totals;" },
    ],
    goodInContext: [
      "CREATE VIEW draft AS SELECT 1 AS n; ALTER VIEW draft RENAME TO plan;",
      {
        before: "CREATE VIEW totals AS SELECT 1 AS n;",
        sql: "ALTER VIEW totals RENAME TO sums;",
        unused: ["totals"],
      },
    ],
  },
  check: (change, { schema, uses }) => {
    if (change.kind !== "rename-view" || schema.isNewView(change.view)) return null;
    const { view, to, column } = change;
    if (uses.table(view).state === "unused") return null;
    if (column !== null)
      return {
        what: `code that reads ${column} of the view ${view} fails: it is called ${to} from then on`,
        instead: [{ release: `a second view with ${to}, and code that reads it; then ${view} may go` }],
      };
    const target = [...view.split(".").slice(0, -1), to].join(".");
    return {
      what: `code that reads the view ${view} fails: it is called ${target} from then on`,
      instead: [
        { sql: `CREATE VIEW ${quoted(target)} AS SELECT * FROM ${quoted(view)};` },
        { release: `code that reads ${target}; wait until no release that reads ${view} is live` },
      ],
    };
  },
};
