import type { Rule } from "./rule.ts";

export const settingForAll: Rule = {
  id: "setting-for-all",
  severity: "medium",
  catches: "ALTER DATABASE, ROLE or SYSTEM changes a setting for all connections to come",
  why:
    "It is no part of the schema: it counts for code that knows nothing of it, each in the moment when it connects anew, and stays when " +
    "the migration is gone back from. ALTER SYSTEM is the whole server's.",
  examples: {
    bad: [
      "ALTER DATABASE app SET statement_timeout = '1s';",
      "ALTER ROLE app SET search_path = billing;",
      "ALTER SYSTEM SET work_mem = '1GB';",
    ],
    good: ["SET LOCAL statement_timeout = '1s'; CREATE TABLE a (id int);"],
    goodInContext: ["ALTER ROLE app LOGIN;"],
  },
  check: (change) =>
    change.kind !== "set-for-all"
      ? null
      : {
          what: `${change.name} changes for all connections to come of the ${change.of}, code that is live included`,
          ...(change.of === "system" ? { severity: "high" } : {}),
          instead: [],
        },
};
