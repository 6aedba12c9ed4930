import { z } from "zod";
import type { ToolFinding, ToolReport } from "../../model/finding.ts";
import { severityIn, vulnerabilityOf } from "./advisory.ts";
import { parseReport, unreadable } from "./json.ts";
import { firstAfter, firstFixed } from "./versions.ts";

/**
 * `npm audit --json` of npm 7 and later, and that of npm 6, which `pnpm audit --json` writes.
 * @param tool `npm audit` or `pnpm audit`
 * @param lockfile where the findings are
 * @throws FairwayError FINDINGS_UNREADABLE (exit 1), also for a report of the error that the registry answered
 */
export function readNpmAudit(text: string, tool: string, lockfile: string | undefined): ToolReport {
  const report = parseReport(text, audit, tool);
  const error = report.error?.summary ?? report.error?.code ?? report.message;
  if (report.error !== undefined || error !== undefined)
    throw unreadable(tool, undefined, `the audit failed: ${error ?? "it does not say why"}`);
  if (report.advisories !== undefined)
    return {
      findings: Object.values(report.advisories).map((entry) => advisoryFinding(entry, tool, lockfile)),
      problems: [],
    };
  if (report.vulnerabilities === undefined)
    throw unreadable(tool, undefined, "it has neither `vulnerabilities` nor `advisories`");
  return {
    findings: vulnerable(report.vulnerabilities, tool, lockfile),
    problems: unlisted(report.vulnerabilities),
  };
}

/** A package that is vulnerable by another one, which the report does not tell of. */
function unlisted(packages: Readonly<Record<string, z.infer<typeof vulnerability>>>): string[] {
  const names = Object.values(packages).flatMap(({ via }) =>
    via.filter((entry) => typeof entry === "string"),
  );
  const missing = [...new Set(names)].filter((name) => !Object.hasOwn(packages, name));
  return missing.map((name) => `it says that ${name} is vulnerable, and not by what`);
}

export const advisory = z.object({
  id: z.union([z.number(), z.string()]).optional(),
  title: z.string(),
  module_name: z.string(),
  severity: z.string(),
  url: z.string().nullish(),
  overview: z.string().nullish(),
  cves: z.array(z.string()).nullish(),
  cwe: z.union([z.string(), z.array(z.string())]).nullish(),
  github_advisory_id: z.string().nullish(),
  patched_versions: z.string().nullish(),
  findings: z.array(z.object({ version: z.string() })).nullish(),
});
const cause = z.object({
  source: z.union([z.number(), z.string()]).optional(),
  name: z.string(),
  title: z.string().nullish(),
  url: z.string().nullish(),
  severity: z.string(),
  cwe: z.array(z.string()).nullish(),
  range: z.string().nullish(),
});
const vulnerability = z.object({
  name: z.string(),
  via: z.array(z.union([z.string(), cause])),
});
const audit = z.object({
  advisories: z.record(z.string(), advisory).optional(),
  vulnerabilities: z.record(z.string(), vulnerability).optional(),
  error: z.object({ code: z.string().nullish(), summary: z.string().nullish() }).optional(),
  message: z.string().optional(),
});

export function advisoryFinding(
  entry: z.infer<typeof advisory>,
  tool: string,
  lockfile: string | undefined,
): ToolFinding {
  const {
    id = "",
    title,
    module_name: name,
    severity,
    url,
    overview,
    cves,
    cwe,
    github_advisory_id: ghsa,
  } = entry;
  return vulnerabilityOf({
    tool,
    id: ghsa ?? cves?.[0] ?? String(id),
    aliases: [...(cves ?? []), ...(ghsa === null || ghsa === undefined ? [] : [ghsa])],
    ...{ title, message: overview, severity: severityIn(tool, severity, `advisories.${String(id)}`), url },
    weaknesses: [cwe ?? []].flat(),
    ...{ ecosystem: "npm", name, path: lockfile },
    versions: (entry.findings ?? []).map(({ version }) => version),
    fixed: firstFixed(entry.patched_versions ?? ""),
  });
}

/** A package is also listed for what it depends on; the cause itself is listed under its own name. */
function vulnerable(
  packages: Readonly<Record<string, z.infer<typeof vulnerability>>>,
  tool: string,
  lockfile: string | undefined,
): ToolFinding[] {
  const causes = Object.values(packages).flatMap(({ via }) =>
    via.filter((entry) => typeof entry !== "string"),
  );
  const distinct = new Map(
    causes.map((entry) => [`${String(entry.source ?? entry.url ?? entry.title)} ${entry.name}`, entry]),
  );
  return [...distinct.values()].map(({ source, name, title, url, severity, cwe, range }) =>
    vulnerabilityOf({
      tool,
      id: /GHSA-[\w-]+/i.exec(url ?? "")?.[0] ?? String(source ?? url ?? title),
      ...{ title, severity: severityIn(tool, severity, `vulnerabilities.${name}`), url },
      message: range === null || range === undefined ? title : `${title ?? name}: ${name} ${range}`,
      weaknesses: cwe ?? [],
      ...{ ecosystem: "npm", name, path: lockfile, fixed: firstAfter(range ?? "") },
    }),
  );
}
