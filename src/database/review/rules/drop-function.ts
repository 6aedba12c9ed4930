import type { Rule } from "./rule.ts";

export const dropFunction: Rule = {
  id: "drop-function",
  severity: "high",
  removes: true,
  catches: "A function that live code, triggers and defaults may call is dropped",
  why:
    "Queries that call it fail at once. PostgreSQL knows of triggers, defaults and views that need it, and refuses; with CASCADE they go " +
    "with it. Of what stands in the bodies of other functions and in code it knows nothing.",
  examples: {
    bad: [
      {
        before: "CREATE FUNCTION price(int) RETURNS int LANGUAGE sql AS 'select $1';",
        sql: "DROP FUNCTION price(int);",
      },
      "DROP FUNCTION IF EXISTS price CASCADE;",
    ],
    good: [
      {
        before: "CREATE FUNCTION price(int) RETURNS int LANGUAGE sql AS 'select $1';",
        sql: "COMMENT ON FUNCTION price(int) IS 'to go';",
      },
    ],
    goodInContext: [
      "CREATE FUNCTION price(int) RETURNS int LANGUAGE sql AS 'select $1'; DROP FUNCTION price(int);",
    ],
  },
  check: (change, { schema }) => {
    if (change.kind !== "drop-function" || schema.isNewFunction(change.name)) return null;
    const { name, cascade } = change;
    return {
      what: cascade
        ? `${name} is dropped, and each trigger, default, view and index that needs it`
        : `code and functions that call ${name} fail`,
      ...(cascade ? { severity: "critical" } : {}),
      instead: [{ release: `code that does not call ${name}; wait until no release that does is live` }],
    };
  },
};
