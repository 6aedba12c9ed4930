import type { Evidence } from "../../model/evidence.ts";
import type { Finding, LockForecast, ReviewedMigration } from "../../database/database.ts";
import type { PlannedMigration } from "../../model/plan.ts";

/** What there is to tell of migrations that were reviewed. */
export interface MigrationsReport {
  /** `fail`: something breaks or is grave. `insufficient`: a person has to decide. */
  readonly verdict: Evidence["verdict"];
  /** One sentence. */
  readonly summary: string;
  readonly migrations: readonly ReviewedMigration[];
  /** Those that an environment has, which are not asked about any more. */
  readonly applied: readonly PlannedMigration[];
  /** Absent where nothing was measured. */
  readonly locks?: LockForecast;
  /** The review's, and that of what was asked besides: drift, a rehearsal. */
  readonly evidence: readonly Evidence[];
  /** By migration: where it is applied, as people read it. Empty where no ledger was asked. */
  readonly places: ReadonlyMap<string, string>;
  /** What the reader has to know besides: environments that are not set up, a review without a ledger. */
  readonly notes: readonly string[];
  /** How the reader calls Fairway: `npx fairway`. */
  readonly command: string;
}

export function isGrave({ severity, allowed }: Finding): boolean {
  return (severity === "critical" || severity === "high") && allowed === null;
}

/** `1 critical, 2 low, 1 allowed`; empty where nothing was found. */
export function countsText(findings: readonly Finding[]): string {
  const open = findings.filter(({ allowed }) => allowed === null);
  const counts = (["critical", "high", "medium", "low"] as const).map(
    (severity) => [open.filter((finding) => finding.severity === severity).length, severity] as const,
  );
  return [...counts, [findings.length - open.length, "allowed"] as const]
    .filter(([count]) => count > 0)
    .map(([count, word]) => `${String(count)} ${word}`)
    .join(", ");
}

export function liveCodeText({ liveCode }: Pick<ReviewedMigration, "liveCode">): string {
  if (liveCode === undefined) return "live code goes on working";
  return liveCode === "breaks" ? "breaks live code" : "may break live code";
}

/** The last number of `path:12`. */
export function lineOf({ place }: Finding): number {
  return Number(/:(\d+)$/.exec(place)?.[1] ?? 1);
}
