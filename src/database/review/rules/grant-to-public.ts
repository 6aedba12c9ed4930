import { listed } from "./names.ts";
import type { Rule } from "./rule.ts";

export const grantToPublic: Rule = {
  id: "grant-to-public",
  severity: "medium",
  catches: "Everybody who can connect gets a right",
  why:
    "PUBLIC is each role that there is, and each that will be: those of reports, of other applications, of people. Name the roles that " +
    "need it; a role that groups them saves a later migration.",
  examples: {
    bad: [
      { before: "CREATE TABLE users (id int PRIMARY KEY);", sql: "GRANT SELECT ON users TO PUBLIC;" },
      "GRANT ALL ON ALL TABLES IN SCHEMA billing TO app, PUBLIC;",
      "ALTER DEFAULT PRIVILEGES GRANT SELECT ON TABLES TO PUBLIC;",
    ],
    good: [{ before: "CREATE TABLE users (id int PRIMARY KEY);", sql: "GRANT SELECT ON users TO reports;" }],
    goodInContext: [{ before: "CREATE TABLE users (id int);", sql: "REVOKE ALL ON users FROM PUBLIC;" }],
  },
  check: (change) => {
    if (change.kind !== "grant" || !change.to.includes("PUBLIC")) return null;
    const on = change.on.length === 0 ? "" : ` on ${listed(change.on)}`;
    return {
      what: `everybody who can connect gets ${change.what}${on}`,
      instead: [],
    };
  },
};
