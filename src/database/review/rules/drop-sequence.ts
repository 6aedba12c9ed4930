import type { Rule } from "./rule.ts";

export const dropSequence: Rule = {
  id: "drop-sequence",
  severity: "high",
  removes: true,
  catches: "A sequence that code which is live may take numbers from is dropped",
  why:
    "nextval of it fails, and so does each INSERT that relies on it as a default: with CASCADE those defaults are dropped, and the columns " +
    "stay empty or refuse the row. How far it had come is gone.",
  examples: {
    bad: [
      { before: "CREATE SEQUENCE invoice_numbers;", sql: "DROP SEQUENCE invoice_numbers;" },
      "DROP SEQUENCE IF EXISTS invoice_numbers CASCADE;",
    ],
    good: [
      { before: "CREATE SEQUENCE invoice_numbers;", sql: "COMMENT ON SEQUENCE invoice_numbers IS 'to go';" },
    ],
    goodInContext: ["CREATE SEQUENCE invoice_numbers; DROP SEQUENCE invoice_numbers;"],
  },
  check: (change, { schema }) => {
    if (change.kind !== "drop-sequence" || schema.isNewSequence(change.sequence)) return null;
    const { sequence, cascade } = change;
    return {
      what: cascade
        ? `${sequence} is dropped, and each default that takes numbers from it`
        : `code that takes numbers from ${sequence} fails`,
      instead: [
        { release: `code that takes no number from ${sequence}; wait until no release that does is live` },
      ],
    };
  },
};
