import { madeAs, newColumnsLike } from "./new-columns.ts";
import { quoted } from "./names.ts";
import type { Rule } from "./rule.ts";

export const charType: Rule = {
  id: "char-type",
  severity: "low",
  catches: "char(n) pads what is written with spaces",
  why: "It saves nothing, and comparing, counting and joining with text surprise whoever forgets the spaces. text with a check on its length says the same.",
  examples: {
    bad: [
      {
        before: "CREATE TABLE users (id bigint PRIMARY KEY);",
        sql: "ALTER TABLE users ADD COLUMN country char(2);",
      },
      "CREATE TABLE users (id bigint PRIMARY KEY, country char(2));",
    ],
    good: ["CREATE TABLE users (id bigint PRIMARY KEY, country text CHECK (length(country) = 2));"],
    goodInContext: ["CREATE TEMP TABLE import (country char(2));"],
  },
  check: (change, at) => {
    const found = newColumnsLike(
      change,
      at,
      ({ column }) => column.type.name === "bpchar" && !column.type.array,
    );
    if (found === null) return null;
    const { first, names } = found;
    const name = quoted(first.column.name);
    return {
      what: `${names}: shorter values are padded with spaces`,
      instead: madeAs(first, "text", `length(${name}) <= ${String(first.column.type.modifiers[0] ?? 1)}`),
    };
  },
};
