import { bounded } from "../../findings/findings.ts";
import type { Evidence, Fail, Insufficient } from "../../model/evidence.ts";
import { failure, held } from "../../model/errors.ts";
import { visible, visibleLines } from "../../model/visible.ts";

interface Waiting {
  /** What waits for it: an environment, the check. */
  readonly subject: string;
  /** The command to repeat. */
  readonly again: string;
  /** The report of it all, where it is the answer: then the error does not tell it once more. */
  readonly answer?: string;
}

/**
 * Lets the release go on only when nothing failed and nothing is missing. Says all that stands in the way.
 * @throws FairwayError CHECK_FAILED (exit 1) where something failed, else HELD_FOR_EVIDENCE (exit 3)
 */
export function requireEvidence(evidence: readonly Evidence[], { subject, again, answer }: Waiting): void {
  const failed = evidence.filter((entry) => entry.verdict === "fail");
  const missing = evidence.filter(isMissing);
  const told =
    answer === undefined ? { output: [...failed, ...missing].map(evidenceSection).join("\n\n") } : { answer };
  if (failed.length > 0) {
    const besides = missing.length === 0 ? "" : `, and ${namesOf(missing)} could not be settled`;
    throw failure(`${namesOf(failed)} failed${besides}; nothing was changed.`, {
      ...{ code: "CHECK_FAILED", ...told },
      remedy: ["Repeat alone:", ...failed.map(({ repeat }) => `  ${repeat}`)].join("\n"),
    });
  }
  if (missing.length > 0) {
    // The report says why.
    const what =
      answer === undefined
        ? missing.map(({ summary }) => visible(summary)).join("; ")
        : `${namesOf(missing)} could not be settled`;
    throw held(`${subject} is held: ${what}. Nothing was changed.`, {
      ...{ code: "HELD_FOR_EVIDENCE", ...told },
      remedy: `When it is settled: ${again}`,
    });
  }
}

/** Insufficient, and required. */
export function isMissing(entry: Evidence): entry is Insufficient {
  return entry.verdict === "insufficient" && entry.optional !== true;
}

/** All that one of them has to say, with what is missing; nothing in it moves a cursor. */
export function evidenceSection(evidence: Evidence): string {
  const { name, summary, details = "" } = evidence;
  const missing = evidence.verdict === "insufficient" ? `missing: ${evidence.missing}` : "";
  return [`── ${name}: ${summary}`, details, missing]
    .filter((part) => part !== "")
    .map(bearable)
    .join("\n");
}

const longestLine = 2_000;

function bearable(text: string): string {
  const lines = text.split("\n").map((line) => bounded(line, longestLine));
  return visibleLines(lines.join("\n"));
}

function namesOf(evidence: readonly (Fail | Insufficient)[]): string {
  return evidence.map(({ name }) => name).join(", ");
}
