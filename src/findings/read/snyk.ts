import { z } from "zod";
import type { ToolFinding, ToolReport } from "../../model/finding.ts";
import { severityIn, vulnerabilityOf } from "./advisory.ts";
import { parseReport, unreadable } from "./json.ts";
import { repositoryPath } from "./place.ts";

const tool = "snyk";

/**
 * `snyk test --json` and `snyk container test --json`, of one project or (`--all-projects`) of several.
 * @throws FairwayError FINDINGS_UNREADABLE (exit 1), also where Snyk reports an error instead
 */
export function readSnyk(text: string, image?: string): ToolReport {
  const read = parseReport(text, z.union([z.array(project), project]), tool);
  const projects = Array.isArray(read) ? read : [read];
  const failed = projects.find(({ error }) => error !== undefined);
  if (failed?.error !== undefined) throw unreadable(tool, undefined, failed.error);
  return { findings: projects.flatMap((one) => findingsOf(one, image)), problems: [] };
}

const vulnerability = z.object({
  id: z.string(),
  title: z.string(),
  severity: z.string(),
  description: z.string().nullish(),
  packageName: z.string().nullish(),
  name: z.string().nullish(),
  version: z.string().nullish(),
  fixedIn: z.array(z.string()).nullish(),
  type: z.string().nullish(),
  license: z.string().nullish(),
  identifiers: z.record(z.string(), z.array(z.string())).nullish(),
});
const project = z
  .object({
    error: z.string().optional(),
    vulnerabilities: z.array(vulnerability).optional(),
    packageManager: z.string().nullish(),
    displayTargetFile: z.string().nullish(),
  })
  .refine(({ error, vulnerabilities }) => error !== undefined || vulnerabilities !== undefined, {
    error: "it has no `vulnerabilities`",
  });

function findingsOf(
  { vulnerabilities, packageManager, displayTargetFile }: z.infer<typeof project>,
  image?: string,
): ToolFinding[] {
  return (vulnerabilities ?? []).map((entry) => {
    const { id, title, severity, description, identifiers, version, fixedIn, type, license } = entry;
    const name = entry.packageName ?? entry.name ?? id;
    const finding = vulnerabilityOf({
      ...{ tool, id, title, message: description, severity: severityIn(tool, severity, id) },
      aliases: [...(identifiers?.["CVE"] ?? []), ...(identifiers?.["GHSA"] ?? [])],
      weaknesses: identifiers?.["CWE"] ?? [],
      url: `https://security.snyk.io/vuln/${encodeURIComponent(id)}`,
      ...{ ecosystem: packageManager ?? "", name, versions: [version ?? ""], fixed: fixedIn ?? [] },
      ...(displayTargetFile ? { path: repositoryPath(displayTargetFile) } : {}),
      ...(image === undefined ? {} : { image }),
    });
    return type === "license" ? { ...finding, kind: "license" as const, rule: license ?? id } : finding;
  });
}
