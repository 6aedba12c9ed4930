import { quoted } from "./names.ts";
import type { Rule } from "./rule.ts";

export const sequenceRunsOut: Rule = {
  id: "sequence-runs-out",
  severity: "low",
  catches: "A sequence ends, or begins again, after 32,767 or 2,147,483,647 numbers",
  why:
    "Numbers are used up by rows that were deleted and by transactions that failed, too. At the end each INSERT fails, or, with CYCLE, gets " +
    "a number that is in use. bigint is what a sequence has without AS, and never ends.",
  examples: {
    bad: [
      "CREATE SEQUENCE invoice_numbers AS integer;",
      "CREATE SEQUENCE invoice_numbers AS smallint;",
      "CREATE SEQUENCE invoice_numbers CYCLE;",
    ],
    good: ["CREATE SEQUENCE invoice_numbers;"],
    goodInContext: ["CREATE SEQUENCE invoice_numbers AS bigint NO CYCLE;"],
  },
  check: (change) => {
    if (change.kind !== "create-sequence" || (change.type === null && !change.cycles)) return null;
    const { sequence, type, cycles } = change;
    const end = type === "int2" ? "after 32,767 numbers" : "after 2,147,483,647 numbers";
    return {
      what: cycles
        ? `${sequence} gives numbers that are in use when it is through`
        : `${sequence} ends ${end}`,
      ...(type === "int2" ? { severity: "medium" } : {}),
      instead: [{ sql: `CREATE SEQUENCE ${quoted(sequence)};` }],
    };
  },
};
