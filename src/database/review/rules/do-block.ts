import { listed } from "./names.ts";
import type { Rule } from "./rule.ts";

export const doBlock: Rule = {
  id: "do-block",
  severity: "high",
  catches: "A DO block: a program, of which nobody knows what it does before it runs",
  why:
    "Which of its statements run, how often and on what is decided while it runs; EXECUTE runs texts that it puts together. It is one " +
    "transaction, however long its loops are. What can be written as statements can be reviewed; what cannot is for a person to read.",
  examples: {
    bad: [
      "DO $$ BEGIN DROP TABLE a; END $$;",
      "DO $$ BEGIN EXECUTE format('DROP TABLE %I', 'a'); END $$;",
      "DO LANGUAGE plperl 'unlink';",
    ],
    good: ["CREATE TABLE IF NOT EXISTS a (id int);"],
    goodInContext: [],
  },
  check: (change) => {
    if (change.kind !== "unknown" || change.what !== "DO") return null;
    const inside = change.inside ?? [];
    const holds = inside.length === 0 ? "" : `; it holds ${listed(inside)}`;
    return { what: `what the block does is decided while it runs, and is not analysed${holds}`, instead: [] };
  },
};
