import type { Rule } from "./rule.ts";

export const changeOwner: Rule = {
  id: "change-owner",
  severity: "medium",
  catches: "An object that is in use gets another owner",
  why:
    "The owner may do all with it, and nobody else may ALTER or DROP it: later migrations that connect as the old one fail, and so does " +
    "code that had its rights by owning it. Row security lets the owner pass, and now another one.",
  examples: {
    bad: [
      { before: "CREATE TABLE users (id int PRIMARY KEY);", sql: "ALTER TABLE users OWNER TO admin;" },
      "ALTER FUNCTION price(int) OWNER TO admin;",
    ],
    good: [
      { before: "CREATE TABLE users (id int PRIMARY KEY);", sql: "GRANT SELECT, INSERT ON users TO app;" },
    ],
    goodInContext: ["CREATE TABLE users (id int PRIMARY KEY); ALTER TABLE users OWNER TO admin;"],
  },
  check: (change, { schema }) => {
    if (change.kind !== "owner" || (change.isTable && schema.isNew(change.of))) return null;
    return {
      what: `${change.of} gets another owner: who had their rights by owning it loses them, migrations included`,
      instead: [],
    };
  },
};
