import type { Rule } from "./rule.ts";

export const addEnumValue: Rule = {
  id: "add-enum-value",
  severity: "low",
  catches:
    "An enum gets a value that code of the previous release does not know, and that cannot be taken away",
  why:
    "The statement itself hurts nobody. As soon as new code writes the value, old code that is still live reads it: an ORM " +
    "fails on a value that its schema lacks. PostgreSQL has no way to drop a value of an enum.",
  examples: {
    bad: [
      { before: "CREATE TYPE state AS ENUM ('open', 'done');", sql: "ALTER TYPE state ADD VALUE 'late';" },
    ],
    good: [
      {
        before: "CREATE TYPE state AS ENUM ('open', 'done');",
        sql: "CREATE TYPE state_2 AS ENUM ('open', 'done', 'late');",
      },
    ],
    goodInContext: [
      "CREATE TYPE draft AS ENUM ('a'); ALTER TYPE draft ADD VALUE 'b';",
      {
        before: "CREATE TYPE state AS ENUM ('open');",
        sql: "ALTER TYPE state ADD VALUE 'done';",
        unused: ["state"],
      },
    ],
  },
  check: (change, { schema, uses }) => {
    if (change.kind !== "add-enum-value" || schema.isNewType(change.type)) return null;
    const { type, value } = change;
    if (uses.type(type).state === "unused") return null;
    return {
      what: `code of the previous release does not know '${value}' of ${type}, and fails where it reads it`,
      instead: [{ release: `this migration and code that knows '${value}', before any code that writes it` }],
    };
  },
};
