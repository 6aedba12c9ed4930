import { mergeJudged } from "../../findings/findings.ts";
import type { Evidence } from "../../model/evidence.ts";
import type { JudgedFinding } from "../../model/finding.ts";

/** What a check answers, in whatever form. */
export interface CheckReport {
  readonly evidence: readonly Evidence[];
  /** How Fairway is called, for texts that say what to type: `npx fairway`. */
  readonly command: string;
}

/** Of all checks, each fault once, gravest first. */
export function findingsOf({ evidence }: CheckReport): JudgedFinding[] {
  return mergeJudged(evidence.map(({ findings = [] }) => findings));
}

/** The worst of all. */
export function verdictOf({ evidence }: CheckReport): Evidence["verdict"] {
  const worst = (["fail", "insufficient"] as const).find((verdict) =>
    evidence.some((entry) => entry.verdict === verdict),
  );
  return worst ?? "pass";
}

export const signs = { pass: "✓", fail: "✗", insufficient: "?" } as const;

/** `2 failed, 1 not settled, 5 passed` */
export function countsText({ evidence }: CheckReport): string {
  const count = (verdict: Evidence["verdict"], word: string) => {
    const number = evidence.filter((entry) => entry.verdict === verdict).length;
    return number === 0 ? [] : [`${String(number)} ${word}`];
  };
  return [
    ...count("fail", "failed"),
    ...count("insufficient", "not settled"),
    ...count("pass", "passed"),
  ].join(", ");
}

/** Whether somebody has to look at it: at its output, or at what is told of a pass. */
export function isTold({ verdict, details }: Evidence): boolean {
  return verdict !== "pass" || details !== undefined;
}

/** True where its findings are all that it has to say: they are told by themselves. */
export function isTheFindings({ verdict, findings }: Evidence): boolean {
  return verdict === "fail" && findings?.some(({ treatment }) => treatment === "block") === true;
}
