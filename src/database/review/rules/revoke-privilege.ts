import { listed } from "./names.ts";
import type { Rule } from "./rule.ts";

export const revokePrivilege: Rule = {
  id: "revoke-privilege",
  severity: "high",
  catches: "A right is taken away that code which is live may need",
  why:
    "REVOKE counts at once, for connections that are open too: queries that need the right fail. Whether the role of the application had " +
    "it from elsewhere as well is not known here.",
  examples: {
    bad: [
      { before: "CREATE TABLE users (id int PRIMARY KEY);", sql: "REVOKE SELECT ON users FROM app;" },
      "REVOKE admin FROM app;",
    ],
    good: [{ before: "CREATE TABLE users (id int PRIMARY KEY);", sql: "GRANT SELECT ON users TO app;" }],
    goodInContext: ["CREATE TABLE users (id int PRIMARY KEY); REVOKE ALL ON users FROM PUBLIC;"],
  },
  check: (change, { schema }) => {
    if (change.kind !== "revoke") return null;
    if (change.on.length > 0 && change.on.every((table) => schema.isNew(table))) return null;
    const on = change.on.length === 0 ? "" : ` on ${listed(change.on)}`;
    return {
      what: `queries that run as ${listed(change.from)} and need ${change.what}${on} fail at once`,
      instead: [{ release: `code that does without ${change.what}${on}, or connects as another role` }],
    };
  },
};
