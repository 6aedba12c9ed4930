import type { KnownFindings } from "../../findings/findings.ts";
import type { Evidence } from "../../model/evidence.ts";
import type { TestResult } from "../../model/test-run.ts";
import type { Standing } from "../../test-results/test-results.ts";

/** What checks know of those before them, and leave for those after. */
export interface ChecksMemory {
  readonly known: KnownFindings;
  /** The tests that are not known to work, of all checks. */
  readonly tests: readonly Standing[];
  /** Takes what the tests of a check did, to be written down with the rest. */
  tested(check: string, results: readonly TestResult[]): void;
  /** Writes down what was found, and answers what stands in the way of that. */
  keep(found: Found): Promise<readonly Evidence[]>;
}

export interface Found {
  readonly evidence: readonly Evidence[];
  /** Whether everything that could find something was run, to its end. */
  readonly complete: boolean;
}

/** Knows nothing and keeps nothing. Then a deadline counts from nowhere, and what has one is open; no test is in quarantine. */
export function forgetful({ why, remedy }: { why: string; remedy: string }): ChecksMemory {
  return {
    known: { since: () => null },
    tests: [],
    tested: () => undefined,
    keep: async ({ evidence }) => {
      const count = withDeadline(evidence).length;
      if (count === 0) return [];
      const summary = `since when ${count === 1 ? "a finding with a deadline is" : `${String(count)} findings with a deadline are`} known cannot be read: ${why}`;
      return [{ name: "first-seen", durationMs: 0, verdict: "insufficient", summary, missing: remedy }];
    },
  };
}

export const remembersNothing = forgetful({
  why: "nothing is remembered here",
  remedy: "Run the checks with `fairway check`.",
});

export function withDeadline(evidence: readonly Evidence[]) {
  return evidence.flatMap(({ findings = [] }) => findings.filter(({ deadline }) => deadline !== undefined));
}
