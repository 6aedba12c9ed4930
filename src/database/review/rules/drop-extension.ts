import type { Rule } from "./rule.ts";

export const dropExtension: Rule = {
  id: "drop-extension",
  severity: "high",
  removes: true,
  catches: "An extension is dropped, with its types, functions and operators",
  why:
    "Queries that use any of them fail. PostgreSQL refuses while a column, index or default needs them; with CASCADE those are dropped " +
    "too, columns with all that is in them.",
  examples: {
    bad: ["DROP EXTENSION pg_trgm;", "DROP EXTENSION IF EXISTS citext CASCADE;"],
    good: ["CREATE EXTENSION IF NOT EXISTS pg_trgm;"],
    goodInContext: ["ALTER EXTENSION pg_trgm UPDATE;"],
  },
  check: (change) => {
    if (change.kind !== "drop-extension") return null;
    const { name, cascade } = change;
    return {
      what: cascade
        ? `${name} is dropped, and each column, index and default that needs it`
        : `code that uses a type, function or operator of ${name} fails`,
      ...(cascade ? { severity: "critical" } : {}),
      instead: [{ release: `code that uses nothing of ${name}; wait until no release that does is live` }],
    };
  },
};
