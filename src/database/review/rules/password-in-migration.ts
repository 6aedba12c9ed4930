import { quoted } from "./names.ts";
import type { Rule } from "./rule.ts";

export const passwordInMigration: Rule = {
  id: "password-in-migration",
  severity: "critical",
  catches: "The password of a role stands in a migration",
  why:
    "It is in the repository for good, in each copy of it, in the log of the server, and the same in each environment. Roles that log in " +
    "are made where secrets are kept; a migration gives them their rights.",
  examples: {
    bad: ["CREATE ROLE app LOGIN PASSWORD 'hunter2';", "ALTER USER app WITH PASSWORD 'hunter2';"],
    good: ["CREATE ROLE app NOLOGIN;"],
    goodInContext: ["ALTER ROLE app PASSWORD NULL;"],
  },
  check: (change) => {
    if (change.kind !== "role" || !change.password) return null;
    return {
      what: `the password of ${change.role} stands in the file: take it out, and set another one`,
      instead: change.action === "create" ? [{ sql: `CREATE ROLE ${quoted(change.role)} NOLOGIN;` }] : [],
    };
  },
};
