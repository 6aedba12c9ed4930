import type { Finding, Severity } from "../model/finding.ts";

/** `block` fails a check; `warn` is told; `track` is counted. */
export type Treatment = "block" | "warn" | "track";

export interface FindingPolicy {
  readonly severities: Readonly<Record<Severity, Treatment>>;
}

/** Where a team says nothing else. */
export const defaultPolicy: FindingPolicy = {
  severities: { critical: "block", high: "block", medium: "warn", low: "track", info: "track" },
};

/** @returns `suppressed` where the tool or the source itself says that it is wanted */
export function treatmentOf(finding: Finding, policy: FindingPolicy): Treatment | "suppressed" {
  return finding.suppressed === undefined ? policy.severities[finding.severity] : "suppressed";
}
