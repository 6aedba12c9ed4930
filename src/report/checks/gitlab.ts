import { createHash } from "node:crypto";
import { bounded, fallbackPath } from "../../findings/findings.ts";
import type { Evidence } from "../../model/evidence.ts";
import type { JudgedFinding, Severity } from "../../model/finding.ts";
import { visible, visibleJson } from "../../model/visible.ts";
import { findingsOf, isTheFindings, type CheckReport } from "./report.ts";

/** As GitLab sorts them: https://docs.gitlab.com/ci/testing/code_quality/ */
const severities = {
  critical: "blocker",
  high: "critical",
  medium: "major",
  low: "minor",
  info: "info",
} as const satisfies Record<Severity, string>;

/** A code quality report: what was found and is not suppressed, and each check that failed or was not settled. */
export function checkGitlab(report: CheckReport): string {
  const open = report.evidence.filter((entry) => entry.verdict !== "pass" && !isTheFindings(entry));
  const found = findingsOf(report).filter(({ treatment }) => treatment !== "suppressed");
  return visibleJson(JSON.stringify([...open.map(ofCheck), ...found.map(ofFinding)]));
}

function ofFinding(finding: JudgedFinding) {
  const { rule, severity, title, message, fingerprints, locations } = finding;
  const place = locations.find(({ image }) => image === undefined);
  return {
    description: visible(bounded(message === title ? title : `${title}: ${message}`, 1_000)),
    check_name: visible(rule),
    fingerprint: fingerprints[0],
    severity: severities[severity],
    location: { path: place?.path ?? fallbackPath(finding), lines: { begin: place?.line ?? 1 } },
  };
}

/** It is of no line; the host wants one. */
function ofCheck({ name, summary, verdict }: Evidence) {
  return {
    description: visible(bounded(`${name}: ${summary}`, 1_000)),
    check_name: visible(name),
    fingerprint: createHash("sha256")
      .update(JSON.stringify(["check", name, verdict]))
      .digest("hex"),
    severity: verdict === "fail" ? "blocker" : "critical",
    location: { path: "fairway.yaml", lines: { begin: 1 } },
  };
}
