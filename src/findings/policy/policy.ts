import type { FindingsConfig } from "../../config/config.ts";
import type { Finding } from "../../model/finding.ts";
import { isSuppressedBy, type Suppression } from "./suppressions.ts";

/** `block` fails a check; `warn` is told; `track` is counted; `suppressed` is known and wanted. */
export type Treatment = FindingsConfig["severities"]["critical"] | "suppressed";

export interface FindingPolicy extends Pick<FindingsConfig, "severities" | "unverifiedSecrets"> {
  /** Those that count today: an expired one suppresses nothing. */
  readonly suppressions: readonly Suppression[];
}

/** What becomes of a finding. Where the tool or the source itself says that it is wanted, it is. */
export function treatmentOf(finding: Finding, policy: FindingPolicy): Treatment {
  if (finding.suppressed !== undefined) return "suppressed";
  if (policy.suppressions.some((suppression) => isSuppressedBy(finding, suppression))) return "suppressed";
  const bySeverity = policy.severities[finding.severity];
  if (finding.kind !== "secret" || finding.verification === "verified") return bySeverity;
  return finding.verification === undefined ? bySeverity : policy.unverifiedSecrets;
}
