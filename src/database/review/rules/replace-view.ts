import type { Rule } from "./rule.ts";

export const replaceView: Rule = {
  id: "replace-view",
  severity: "medium",
  catches: "A view that is there answers another query from now on, also to old code",
  why:
    "CREATE OR REPLACE keeps names and types of the columns that are there; what they mean, and which rows there are, may " +
    "change under code of the previous release. It waits for all queries of the view, and they wait for it.",
  examples: {
    bad: [
      {
        before: "CREATE VIEW totals AS SELECT 1 AS n;",
        sql: "CREATE OR REPLACE VIEW totals AS SELECT 2 AS n;",
      },
    ],
    good: [{ before: "CREATE VIEW totals AS SELECT 1 AS n;", sql: "CREATE VIEW totals_2 AS SELECT 2 AS n;" }],
    goodInContext: [
      "CREATE OR REPLACE VIEW totals AS SELECT 1 AS n;",
      "CREATE VIEW draft AS SELECT 1 AS n; CREATE OR REPLACE VIEW draft AS SELECT 2 AS n;",
      {
        before: "CREATE VIEW totals AS SELECT 1 AS n;",
        sql: "CREATE OR REPLACE VIEW totals AS SELECT 2 AS n;",
        unused: ["totals"],
      },
    ],
  },
  check: (change, { schema, uses }) => {
    if (change.kind !== "create-view" || !change.orReplace || change.temporary) return null;
    const { view } = change;
    if (!schema.views.has(view) && schema.isComplete) return null;
    if (schema.isNewView(view) || uses.table(view).state === "unused") return null;
    return {
      what: `old code that reads ${view} gets the answer of another query`,
      instead: [
        {
          release: `a view of another name and code that reads it, where old code must not see the change; then ${view} may go`,
        },
      ],
    };
  },
};
