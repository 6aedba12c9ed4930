import { blockedBy } from "../effects/effects.ts";
import { listed, quoted } from "./names.ts";
import type { Rule } from "./rule.ts";

export const lockTable: Rule = {
  id: "lock-table",
  severity: "high",
  catches: "LOCK TABLE keeps everybody from a table until the migration ends",
  why:
    "Without a mode it is ACCESS EXCLUSIVE: nobody reads or writes until the transaction ends, whatever else stands in it. Statements " +
    "lock what they need by themselves. To keep two migrations apart SHARE UPDATE EXCLUSIVE is enough, and stops no query.",
  examples: {
    bad: [
      { before: "CREATE TABLE users (id int PRIMARY KEY);", sql: "BEGIN; LOCK TABLE users; COMMIT;" },
      {
        before: "CREATE TABLE users (id int PRIMARY KEY);",
        sql: "SET LOCAL lock_timeout = '1s'; LOCK TABLE users IN SHARE MODE;",
      },
    ],
    good: [
      {
        before: "CREATE TABLE users (id int PRIMARY KEY);",
        sql: "SET LOCAL lock_timeout = '1s'; LOCK TABLE users IN SHARE UPDATE EXCLUSIVE MODE;",
      },
    ],
    goodInContext: ["CREATE TABLE users (id int PRIMARY KEY); LOCK TABLE users;"],
  },
  check: (change, { schema }) => {
    if (change.kind !== "lock-table") return null;
    const stopped = blockedBy(change.mode);
    const tables = change.tables.filter((table) => !schema.isNew(table));
    if (!stopped.includes("writes") || tables.length === 0) return null;
    const verb = stopped === "writes" ? "write to" : "read or write";
    return {
      what: `nobody can ${verb} ${listed(tables)} until the transaction ends`,
      instead: [
        {
          sql:
            "SET LOCAL lock_timeout = '5s';\n" +
            `LOCK TABLE ${tables.map(quoted).join(", ")} IN SHARE UPDATE EXCLUSIVE MODE;`,
        },
      ],
    };
  },
};
