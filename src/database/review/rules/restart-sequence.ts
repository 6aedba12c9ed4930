import { quoted } from "./names.ts";
import type { Rule } from "./rule.ts";

export const restartSequence: Rule = {
  id: "restart-sequence",
  severity: "high",
  catches: "A sequence that is in use begins again: numbers come twice",
  why:
    "Rows with those numbers are there: the next INSERT of live code fails on its primary key, or, without one, gets the number of " +
    "another row. A sequence may only go on: setval to the greatest number that there is.",
  examples: {
    bad: [
      { before: "CREATE SEQUENCE invoice_numbers;", sql: "ALTER SEQUENCE invoice_numbers RESTART WITH 1;" },
    ],
    good: [{ before: "CREATE SEQUENCE invoice_numbers;", sql: "ALTER SEQUENCE invoice_numbers CACHE 10;" }],
    goodInContext: ["CREATE SEQUENCE invoice_numbers; ALTER SEQUENCE invoice_numbers RESTART WITH 1000;"],
  },
  check: (change, { schema }) => {
    if (change.kind !== "alter-sequence" || !change.restarts || schema.isNewSequence(change.sequence))
      return null;
    const { sequence } = change;
    const name = quoted(sequence).replaceAll("'", "''");
    return {
      what: `${sequence} gives numbers again that are in use`,
      instead: [{ sql: `SELECT setval('${name}', greatest(nextval('${name}'), $1));` }],
    };
  },
};
