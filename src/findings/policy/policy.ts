import type { FindingsConfig, Length } from "../../config/config.ts";
import type { Deadline, Finding, JudgedFinding } from "../../model/finding.ts";
import { deadlineAfter, type KnownFindings, lengthMs } from "../deadlines/deadlines.ts";
import { vexReader, type VexStatement } from "../vex/vex.ts";
import { suppressor, type Suppression } from "./suppressions.ts";

export interface FindingPolicy extends Pick<FindingsConfig, "severities" | "sprint" | "unverifiedSecrets"> {
  /** Those that count today: an expired one suppresses nothing. */
  readonly suppressions: readonly Suppression[];
  /** What OpenVEX documents say. @default nothing */
  readonly vex?: readonly VexStatement[];
  /** Fingerprints of what the base of a change has, too. @default nothing: then everything is new */
  readonly old?: ReadonlySet<string>;
  readonly now: Date;
  /** Since when findings are known. */
  readonly known: KnownFindings;
}

/** What becomes of each finding, in the order of the findings. */
export function treated(findings: readonly Finding[], policy: FindingPolicy): JudgedFinding[] {
  const suppressors = policy.suppressions.map((suppression) => ({
    reaches: suppressor(suppression),
    because: `${suppression.reason} (${suppression.owner}, until ${suppression.until})`,
  }));
  const reasonNot = vexReader(policy.vex ?? []);
  return findings.map((finding) => {
    const wanted = bySeverity(finding, policy);
    const deadline = typeof wanted === "string" ? undefined : deadlineOf(finding, wanted, policy);
    const treatment = typeof wanted === "string" ? wanted : deadline?.passed === false ? "warn" : "block";
    // Where the tool or the source itself says that it is wanted, it is.
    const because = finding.suppressed?.reason ?? becauseOf(finding, suppressors) ?? reasonNot(finding);
    const isOld = finding.fingerprints.some((name) => policy.old?.has(name));
    return {
      ...finding,
      treatment: because !== undefined ? "suppressed" : isOld && treatment !== "track" ? "old" : treatment,
      ...(because === undefined ? {} : { because }),
      ...(deadline === undefined ? {} : { deadline }),
    };
  });
}

interface Suppressor {
  readonly reaches: (finding: Finding) => boolean;
  readonly because: string;
}

/** Of one line may be several secrets: a decision about what one rule finds there is none about what another does. */
function becauseOf(finding: Finding, suppressors: readonly Suppressor[]): string | undefined {
  const { kind, witnesses } = finding;
  const parts =
    kind !== "secret"
      ? [finding]
      : witnesses.map((witness) => ({ ...finding, rule: witness.rule, witnesses: [witness] }));
  const reasons = parts.map((part) => suppressors.find(({ reaches }) => reaches(part))?.because);
  return reasons.includes(undefined) ? undefined : reasons[0];
}

/** Whether anything is treated by when it was first seen. */
export function hasDeadlines({
  severities,
  unverifiedSecrets,
}: Pick<FindingPolicy, "severities" | "unverifiedSecrets">): boolean {
  return [...Object.values(severities), unverifiedSecrets].some((wanted) => typeof wanted !== "string");
}

function deadlineOf(finding: Finding, length: Length, { now, known, sprint }: FindingPolicy): Deadline {
  const since = known.since(finding, lengthMs(length, sprint), now) ?? now;
  const until = deadlineAfter(since, length, sprint);
  return { since: since.toISOString(), until: until.toISOString(), passed: now > until };
}

function bySeverity(
  { severity, kind, verification }: Finding,
  policy: FindingPolicy,
): FindingsConfig["severities"]["critical"] {
  const isUnproven = kind === "secret" && verification !== undefined && verification !== "verified";
  return isUnproven ? policy.unverifiedSecrets : policy.severities[severity];
}
