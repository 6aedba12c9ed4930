import { listed } from "./names.ts";
import type { Rule } from "./rule.ts";

export const roleWithPower: Rule = {
  id: "role-with-power",
  severity: "high",
  catches: "A role gets SUPERUSER, BYPASSRLS, CREATEROLE, CREATEDB or REPLICATION",
  why:
    "Roles belong to the server, not to the database: the right counts in each other one too. SUPERUSER and REPLICATION read everything, " +
    "BYPASSRLS passes by each policy, CREATEROLE can give itself more. Such roles are made by hand, by those who may.",
  examples: {
    bad: [
      "CREATE ROLE reports BYPASSRLS;",
      "ALTER ROLE app SUPERUSER;",
      "CREATE USER app CREATEROLE CREATEDB;",
    ],
    good: ["CREATE ROLE reports;"],
    goodInContext: ["ALTER ROLE app NOSUPERUSER NOBYPASSRLS;"],
  },
  check: (change) =>
    change.kind !== "role" || change.powers.length === 0
      ? null
      : {
          what: `${change.role} gets ${listed(change.powers)}, in all databases of the server`,
          instead: [],
        },
};
