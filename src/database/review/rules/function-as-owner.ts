import { quoted } from "./names.ts";
import type { Rule } from "./rule.ts";

export const functionAsOwner: Rule = {
  id: "function-as-owner",
  severity: "medium",
  catches: "A function runs with its owner's rights, and its caller decides what names in it mean",
  why:
    "SECURITY DEFINER lets whoever may call it do what its owner may. Without SET search_path the caller's path is used: a table or " +
    "operator of the caller's own, of the same name, is taken instead, with the owner's rights. The path has to name what is trusted, and " +
    "pg_temp last.",
  examples: {
    bad: ["CREATE FUNCTION pay() RETURNS void LANGUAGE sql SECURITY DEFINER AS 'select 1';"],
    good: [
      "CREATE FUNCTION pay() RETURNS void LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS 'select 1';",
    ],
    goodInContext: [
      "CREATE FUNCTION pay() RETURNS void LANGUAGE sql SECURITY INVOKER AS 'select 1';",
      "CREATE FUNCTION pay() RETURNS void LANGUAGE sql AS 'select 1';",
    ],
  },
  check: (change) => {
    if (change.kind !== "create-function" || !change.asOwner || change.fixesPath) return null;
    return {
      what: `${change.name} runs with its owner's rights, and finds tables and operators by its caller's search_path`,
      instead: [
        { sql: `ALTER FUNCTION ${quoted(change.name)} SET search_path = pg_catalog, public, pg_temp;` },
      ],
    };
  },
};
