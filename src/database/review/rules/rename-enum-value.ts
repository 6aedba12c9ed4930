import { quoted } from "./names.ts";
import type { Rule } from "./rule.ts";

export const renameEnumValue: Rule = {
  id: "rename-enum-value",
  severity: "high",
  removes: true,
  catches: "A value of an enum gets another name: old code no longer knows it, nor is it known",
  why:
    "All rows that hold the value read differently from one moment to the next. Code of the previous release writes a value " +
    "that is not there, and reads one that it does not know.",
  examples: {
    bad: [
      {
        before: "CREATE TYPE state AS ENUM ('open', 'done');",
        sql: "ALTER TYPE state RENAME VALUE 'done' TO 'closed';",
      },
    ],
    good: [
      { before: "CREATE TYPE state AS ENUM ('open', 'done');", sql: "ALTER TYPE state ADD VALUE 'closed';" },
    ],
    goodInContext: [
      "CREATE TYPE draft AS ENUM ('a'); ALTER TYPE draft RENAME VALUE 'a' TO 'b';",
      {
        before: "CREATE TYPE state AS ENUM ('open');",
        sql: "ALTER TYPE state RENAME VALUE 'open' TO 'new';",
        unused: ["state"],
      },
    ],
  },
  check: (change, { schema, uses }) => {
    if (change.kind !== "rename-enum-value" || schema.isNewType(change.type)) return null;
    const { type, value, to } = change;
    if (uses.type(type).state === "unused") return null;
    return {
      what: `code that reads or writes '${value}' of ${type} fails: it is called '${to}' from then on`,
      instead: [
        { sql: `ALTER TYPE ${quoted(type)} ADD VALUE '${to.replaceAll("'", "''")}';`, alone: true },
        { release: `code that reads '${value}' and '${to}' alike, and writes '${value}'` },
        { release: `code that writes '${to}', and a backfill in batches of the rows that hold '${value}'` },
      ],
    };
  },
};
