import type { Finding } from "./review.ts";
import type { Allowance, Directives } from "./sql/directives.ts";

/** The exception that somebody wrote above the statement. */
export interface AllowedBy {
  readonly reason: string;
  /** The last day on which it counts; null without one. */
  readonly until: string | null;
}

/** The exception for this rule, where there is one that still counts. */
export function allowed(
  rule: string,
  allowances: readonly Allowance[],
  today: Date | null,
): AllowedBy | null {
  const found = allowances.find((allowance) => allowance.rules.includes(rule) && !hasEnded(allowance, today));
  return found === undefined ? null : { reason: found.reason, until: found.until };
}

/** Exceptions that are wrong, have ended, or allow nothing: said, since somebody believes in them. */
export function faultsOf(
  { allowances, faults }: Directives,
  findings: readonly Finding[],
  placeAt: (offset: number) => string,
  today: Date | null,
): Finding[] {
  const all = [...allowances].flatMap(([statement, list]) => list.map((each) => ({ ...each, statement })));
  const useless = all.flatMap((allowance) => {
    const what = endedText(allowance, today) ?? unusedText(allowance, findings);
    return what === null ? [] : [{ offset: allowance.offset, what }];
  });
  return [...faults, ...useless].map(({ offset, what }) => ({
    ...{
      rule: "exception",
      severity: "medium",
      place: placeAt(offset),
      sql: "",
      what,
      instead: [],
      allowed: null,
    },
  }));
}

function endedText(allowance: Allowance, today: Date | null): string | null {
  return hasEnded(allowance, today)
    ? `the exception for ${allowance.rules.join(", ")} ended on ${allowance.until ?? ""}`
    : null;
}

function unusedText(
  { rules, reason, statement }: Allowance & { statement: number },
  findings: readonly Finding[],
): string | null {
  if (statement < 0)
    return "the exception stands below the last statement: write it above the one that it is for";
  const unused = rules.filter(
    (rule) => !findings.some((finding) => finding.rule === rule && finding.allowed?.reason === reason),
  );
  return unused.length === 0 ? null : `the exception for ${unused.join(", ")} allows nothing here`;
}

function hasEnded({ until }: Allowance, today: Date | null): boolean {
  return until !== null && today !== null && today.toISOString().slice(0, 10) > until;
}
