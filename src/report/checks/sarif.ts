import { writeSarif } from "../../findings/findings.ts";
import { findingsOf, isTheFindings, type CheckReport } from "./report.ts";

/** All findings, for code scanning. A check that failed or was not settled without one is said, as the tool's own words. */
export function checkSarif(report: CheckReport): string {
  const { evidence } = report;
  const open = evidence.filter((entry) => entry.verdict !== "pass" && !isTheFindings(entry));
  return writeSarif(findingsOf(report), {
    complete: !evidence.some(({ verdict }) => verdict === "insufficient"),
    notifications: open.map(({ name, summary, verdict }) => ({
      level: verdict === "insufficient" ? "error" : "warning",
      text: `${name}: ${summary}`,
    })),
  });
}
