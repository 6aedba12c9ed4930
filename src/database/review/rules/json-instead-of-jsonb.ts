import { madeAs, newColumnsLike } from "./new-columns.ts";
import type { Rule } from "./rule.ts";

export const jsonInsteadOfJsonb: Rule = {
  id: "json-instead-of-jsonb",
  severity: "low",
  catches: "json has no equality, and is read anew at each use",
  why: "SELECT DISTINCT, GROUP BY and UNION over a json column fail, also where they stand in old code with SELECT *. jsonb can be compared and indexed. json is right where the exact text has to be kept.",
  examples: {
    bad: ["CREATE TABLE events (id bigint PRIMARY KEY, body json);"],
    good: ["CREATE TABLE events (id bigint PRIMARY KEY, body jsonb);"],
    goodInContext: ["CREATE TEMP TABLE import (body json);"],
  },
  check: (change, at) => {
    const found = newColumnsLike(change, at, ({ column }) => column.type.name === "json");
    if (found === null) return null;
    const { first, names } = found;
    return {
      what: `${names}: json cannot be compared, so that DISTINCT, GROUP BY and UNION fail`,
      instead: madeAs(first, "jsonb"),
    };
  },
};
