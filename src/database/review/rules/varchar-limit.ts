import { madeAs, newColumnsLike } from "./new-columns.ts";
import { quoted } from "./names.ts";
import type { Rule } from "./rule.ts";

export const varcharLimit: Rule = {
  id: "varchar-limit",
  severity: "low",
  catches: "varchar(n) makes a limit part of the type, where a check can be changed more easily",
  why: "A longer limit is a change of the type under ACCESS EXCLUSIVE, a shorter one writes the table anew. The limit as a check on text is changed by two checks, without stopping anybody.",
  examples: {
    bad: ["CREATE TABLE users (id bigint PRIMARY KEY, name varchar(40));"],
    good: ["CREATE TABLE users (id bigint PRIMARY KEY, name text CHECK (length(name) <= 40));"],
    goodInContext: ["CREATE TABLE users (id bigint PRIMARY KEY, name varchar);"],
  },
  check: (change, at) => {
    const found = newColumnsLike(
      change,
      at,
      ({ column }) =>
        column.type.name === "varchar" && !column.type.array && column.type.modifiers.length > 0,
    );
    if (found === null) return null;
    const { first, names } = found;
    const name = quoted(first.column.name);
    return {
      what: `${names}: another limit is a change of the type`,
      instead: madeAs(first, "text", `length(${name}) <= ${String(first.column.type.modifiers[0] ?? 1)}`),
    };
  },
};
