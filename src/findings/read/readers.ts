import type { FindingKind, ToolReport } from "../../model/finding.ts";

export interface ReadOptions {
  /** The lockfile that an audit was about. @default the place is not known */
  readonly lockfile?: string;
  /** The service whose image was looked at; absent for files. */
  readonly image?: string;
  /** What a SARIF file's tool looks for, where its results do not say. @default by the names of its rules */
  readonly kind?: FindingKind;
  /** Who wrote a SARIF file, for errors and for a file that does not say. */
  readonly tool?: string;
}

type Reader = (text: string, options: ReadOptions) => Promise<ToolReport>;

/** By the format of a tool's report. A reader is loaded where a report is read: most calls read none. */
const readers = {
  sarif: async (text, { tool = "sarif", ...options }) =>
    (await import("./sarif.ts")).readSarif(text, tool, options),
  "npm-audit": async (text, { lockfile }) =>
    (await import("./npm-audit.ts")).readNpmAudit(text, "npm audit", lockfile),
  "pnpm-audit": async (text, { lockfile }) =>
    (await import("./npm-audit.ts")).readNpmAudit(text, "pnpm audit", lockfile),
  "yarn-audit": async (text, { lockfile }) => (await import("./yarn-audit.ts")).readYarnAudit(text, lockfile),
  "cargo-audit": async (text, { lockfile }) =>
    (await import("./cargo-audit.ts")).readCargoAudit(text, lockfile),
  "osv-scanner": async (text) => (await import("./osv-scanner.ts")).readOsvScanner(text),
  snyk: async (text, { image }) => (await import("./snyk.ts")).readSnyk(text, image),
  trivy: async (text, { image }) => (await import("./trivy.ts")).readTrivy(text, image),
  gitleaks: async (text) => (await import("./gitleaks.ts")).readGitleaks(text),
  trufflehog: async (text) => (await import("./trufflehog.ts")).readTrufflehog(text),
} as const satisfies Record<string, Reader>;

export type ReportFormat = keyof typeof readers;

export const reportFormats = Object.keys(readers) as readonly ReportFormat[];

/** @throws FairwayError FINDINGS_UNREADABLE (exit 1): what cannot be read does not say that nothing was found */
export async function readReport(
  format: ReportFormat,
  text: string,
  options: ReadOptions = {},
): Promise<ToolReport> {
  return readers[format](text, options);
}

/**
 * What a tool has written as SARIF 2.1.0, as a check may answer it.
 * @throws FairwayError FINDINGS_UNREADABLE (exit 1)
 *
 * @example
 * defineCheck("grype", async ({ project, progress }) => {
 *   const scanned = (await project.installed(progress)).withExec(["pnpm", "run", "scan:grype"]);
 *   return sarifFindings(await scanned.file("grype.sarif").contents());
 * });
 */
export function sarifFindings(
  text: string,
  options: Pick<ReadOptions, "kind" | "tool"> = {},
): Promise<ToolReport> {
  return readReport("sarif", text, options);
}
