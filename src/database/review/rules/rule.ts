import type { LockMode } from "../../lock-modes.ts";
import type { Change } from "../change.ts";
import type { Effects } from "../effects/effects.ts";
import type { Phase } from "../phase.ts";
import type { Situation } from "../situation.ts";

export const severities = ["critical", "high", "medium", "low"] as const;
export type Severity = (typeof severities)[number];

/** One thing that hurts, its documentation, and the examples that are its tests. Each stands in a file of its own. */
export interface Rule {
  /** `drop-column`: what allowances, reports and `--explain` call it. */
  readonly id: string;
  readonly severity: Severity;
  /** Said at the first statement of a migration that it finds, and not at each. */
  readonly once?: true;
  /** It says what a contraction takes away, and nothing else of it: who approves the contraction sees that. */
  readonly removes?: true;
  /** What it catches, in one line of a table. */
  readonly catches: string;
  /** Why that hurts, and when it does not. */
  readonly why: string;
  readonly examples: RuleExamples;
  /** What it finds in one change of a statement; null for nothing. The schema is that before the change. */
  check(change: Change, at: RuleSituation): Found | null;
}

export interface RuleExamples {
  /** At least one of each. In each bad one this rule finds something; in the others it does not. */
  readonly bad: readonly [Example, ...Example[]];
  /** How to reach the same safely. */
  readonly good: readonly [Example, ...Example[]];
  /** Written like a bad one, and good because of what is there: a new table, a valid check, a newer server. */
  readonly goodInContext: readonly Example[];
}

/** One migration after those of `before`, which are live. A string is one without anything before. */
export type Example =
  | string
  | {
      /** Migrations that are applied. */
      readonly before?: string;
      readonly sql: string;
      /** The server's major version, where it matters. */
      readonly postgres?: number;
      /** Whether a file of several statements is one transaction. Absent: `file`. */
      readonly transaction?: "file" | "statement";
      /** The tables, columns (`users.nick`), views and types that no code uses which is live. Of all others that is not known. */
      readonly unused?: readonly string[];
    };

export interface Found {
  /** One sentence that names the objects. */
  readonly what: string;
  /** The safe way, in order. Empty where there is none but a person's decision. */
  readonly instead: readonly SafeStep[];
  /** Where this case is less or more than the rule's. */
  readonly severity?: Severity;
}

/** `sql`: a migration of its own; `alone` outside of a transaction. `release`: code that has to be live before what follows. */
export type SafeStep = { readonly sql: string; readonly alone?: true } | { readonly release: string };

/** With the effects of the change itself. */
export interface RuleSituation extends Situation, Effects {
  readonly phase: Phase;
  readonly file: FileSituation;
}

/** Where a change stands in its migration. */
export interface FileSituation {
  /** All changes of the migration in order, and how many of them come before this one. */
  readonly changes: readonly Change[];
  readonly position: number;
  readonly statements: number;
  /** Whether the statement that the change belongs to holds this text as a literal. */
  readonly mentions: (literal: string) => boolean;
  /** Whether a file of several statements is sent as one transaction. */
  readonly isOneTransaction: boolean;
  /** Whether the statement runs inside a transaction: around the whole file, or opened in it. */
  readonly inTransaction: boolean;
  /** What the connection is set to before this change: `lock_timeout` -> `5s`. */
  readonly settings: ReadonlyMap<string, string>;
  /** Strong locks on tables that live code knows, held since earlier statements of the transaction. */
  readonly held: ReadonlyMap<string, LockMode>;
  /** Tables that live code knows, to which earlier statements of the transaction wrote rows without a bound. */
  readonly wrote: ReadonlySet<string>;
  /** The phases of the changes before this one. Of what expands, only what new code may need counts. */
  readonly phases: ReadonlySet<Phase>;
}
