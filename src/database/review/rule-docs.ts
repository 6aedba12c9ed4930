import type { Rule } from "./rules/rule.ts";
import { rules } from "./rules/rules.ts";

/** What people read of a rule; the review's own findings have no examples. */
export type RuleDoc = Pick<Rule, "id" | "severity" | "catches" | "why"> & Partial<Pick<Rule, "examples">>;

/** What the review says besides its rules. */
const ownFindings: readonly RuleDoc[] = [
  {
    id: "unreadable",
    severity: "critical",
    catches: "A file that PostgreSQL's parser cannot read",
    why:
      "Nothing is known of what it does, and nothing of the schema after it: it is never a pass. A person has to decide, or the " +
      "file has to be mended.",
  },
  {
    id: "not-analysed",
    severity: "high",
    catches: "A statement whose effect nobody can know without running it",
    why:
      "DO blocks, dynamic SQL, calls of functions and the like may do anything. It is never a pass: a person says what it is with " +
      "a comment, or it is written as statements that can be read.",
  },
  {
    id: "exception",
    severity: "medium",
    catches: "A comment for the review that is wrong, has ended, or allows nothing",
    why: "Somebody believes in it. Mend it, or take it out.",
  },
];

/** All that a finding may be named after. */
export const allRuleDocs: readonly RuleDoc[] = [...rules, ...ownFindings];
