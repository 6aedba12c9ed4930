import { madeAs, newColumnsLike } from "./new-columns.ts";
import type { Rule } from "./rule.ts";

export const timestampWithoutTimeZone: Rule = {
  id: "timestamp-without-time-zone",
  severity: "low",
  catches: "timestamp keeps a time without saying in which time zone it was",
  why: "What is written depends on the time zone of each client, and nobody can tell later. timestamptz takes the same eight bytes and is one moment. timestamp(3) is left alone: an ORM that writes it does so in UTC.",
  examples: {
    bad: ["CREATE TABLE visits (id bigint PRIMARY KEY, at timestamp);"],
    good: ["CREATE TABLE visits (id bigint PRIMARY KEY, at timestamptz);"],
    goodInContext: ["CREATE TABLE visits (id bigint PRIMARY KEY, at timestamp(3));"],
  },
  check: (change, at) => {
    const found = newColumnsLike(
      change,
      at,
      ({ column }) => column.type.name === "timestamp" && column.type.modifiers[0] !== 3,
    );
    if (found === null) return null;
    const { first, names } = found;
    return {
      what: `${names}: no time zone is kept, so that the moment is a guess`,
      instead: madeAs(first, "timestamptz"),
    };
  },
};
