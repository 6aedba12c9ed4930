import type { Rule } from "./rule.ts";

export const replaceFunction: Rule = {
  id: "replace-function",
  severity: "medium",
  catches: "A function that live code, triggers and defaults call becomes another one",
  why:
    "CREATE OR REPLACE takes effect for all callers at once, those of the previous release included, and what the function did before is " +
    "not kept anywhere. A function with a new name lets each release call its own.",
  examples: {
    bad: [
      {
        before: "CREATE FUNCTION price(int) RETURNS int LANGUAGE sql AS 'select $1';",
        sql: "CREATE OR REPLACE FUNCTION price(int) RETURNS int LANGUAGE sql AS 'select $1 * 2';",
      },
    ],
    good: [
      {
        before: "CREATE FUNCTION price(int) RETURNS int LANGUAGE sql AS 'select $1';",
        sql: "CREATE FUNCTION price_2(int) RETURNS int LANGUAGE sql AS 'select $1 * 2';",
      },
    ],
    goodInContext: ["CREATE OR REPLACE FUNCTION price(int) RETURNS int LANGUAGE sql AS 'select $1';"],
  },
  check: (change, { oldCode }) => {
    if (change.kind !== "create-function" || !change.orReplace || oldCode.verdict === "works") return null;
    return {
      what: `${change.name} becomes another function for all who call it, the previous release included`,
      instead: [{ release: `code that calls a function with a name of its own, made beside ${change.name}` }],
    };
  },
};
