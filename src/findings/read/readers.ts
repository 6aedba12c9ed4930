import type { ToolReport } from "../../model/finding.ts";
import { readGitleaks } from "./gitleaks.ts";
import { readNpmAudit } from "./npm-audit.ts";
import { readOsvScanner } from "./osv-scanner.ts";
import { readSarif } from "./sarif.ts";
import { readSnyk } from "./snyk.ts";
import { readTrivy } from "./trivy.ts";
import { readTrufflehog } from "./trufflehog.ts";
import { readYarnAudit } from "./yarn-audit.ts";

export interface ReadOptions {
  /** The lockfile that an audit was about. */
  readonly lockfile: string;
  /** The service whose image was looked at; absent for files. */
  readonly image?: string;
}

type Reader = (text: string, options: ReadOptions) => Promise<ToolReport> | ToolReport;

/** By the format of a tool's report. */
const readers = {
  sarif: (text) => readSarif(text, "sarif"),
  "npm-audit": (text, { lockfile }) => readNpmAudit(text, "npm audit", lockfile),
  "pnpm-audit": (text, { lockfile }) => readNpmAudit(text, "pnpm audit", lockfile),
  "yarn-audit": (text, { lockfile }) => readYarnAudit(text, lockfile),
  // Its calculator of scores is only for this one.
  "cargo-audit": async (text, { lockfile }) =>
    (await import("./cargo-audit.ts")).readCargoAudit(text, lockfile),
  "osv-scanner": (text) => readOsvScanner(text),
  snyk: (text, { image }) => readSnyk(text, image),
  trivy: (text, { image }) => readTrivy(text, image),
  gitleaks: (text) => readGitleaks(text),
  trufflehog: (text) => readTrufflehog(text),
} as const satisfies Record<string, Reader>;

export type ReportFormat = keyof typeof readers;

export const reportFormats = Object.keys(readers) as readonly ReportFormat[];

/** @throws FairwayError FINDINGS_UNREADABLE (exit 1): what cannot be read does not say that nothing was found */
export async function readReport(
  format: ReportFormat,
  text: string,
  options: ReadOptions,
): Promise<ToolReport> {
  return readers[format](text, options);
}
