import type { FindingsConfig } from "../../config/config.ts";
import type { Finding, JudgedFinding, Treatment } from "../../model/finding.ts";
import { suppressor, type Suppression } from "./suppressions.ts";

export interface FindingPolicy extends Pick<FindingsConfig, "severities" | "unverifiedSecrets"> {
  /** Those that count today: an expired one suppresses nothing. */
  readonly suppressions: readonly Suppression[];
}

/** What becomes of each finding, in the order of the findings. */
export function treated(findings: readonly Finding[], policy: FindingPolicy): JudgedFinding[] {
  const suppressors = policy.suppressions.map(suppressor);
  return findings.map((finding) => {
    // Where the tool or the source itself says that it is wanted, it is.
    const isSuppressed = finding.suppressed !== undefined || suppressors.some((reaches) => reaches(finding));
    return { ...finding, treatment: isSuppressed ? "suppressed" : bySeverity(finding, policy) };
  });
}

function bySeverity({ severity, kind, verification }: Finding, policy: FindingPolicy): Treatment {
  const isUnproven = kind === "secret" && verification !== undefined && verification !== "verified";
  return isUnproven ? policy.unverifiedSecrets : policy.severities[severity];
}
