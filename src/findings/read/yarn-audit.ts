import { z } from "zod";
import type { ToolFinding, ToolReport } from "../../model/finding.ts";
import { severityIn, vulnerabilityOf } from "./advisory.ts";
import { parseLines } from "./json.ts";
import { advisory, advisoryFinding } from "./npm-audit.ts";

const tool = "yarn audit";

/**
 * `yarn audit --json` of Yarn 1 and `yarn npm audit --json` of Yarn 2 and later: one value a line, none where nothing was found.
 * @throws FairwayError FINDINGS_UNREADABLE (exit 1)
 */
export function readYarnAudit(text: string, lockfile: string | undefined): ToolReport {
  const findings = new Map<string, ToolFinding>();
  const problems: string[] = [];
  if (text.trim() === "") return { findings: [], problems };
  for (const line of parseLines(text, entry, tool)) {
    if ("children" in line) add(findings, modern(line, lockfile));
    else if (line.type === "auditAdvisory")
      add(findings, advisoryFinding(line.data.advisory, tool, lockfile));
    else if (line.type === "error")
      problems.push(typeof line.data === "string" ? line.data : "it says that it failed");
  }
  return { findings: [...findings.values()], problems };
}

/** It is told once for each way to the package. */
function add(findings: Map<string, ToolFinding>, finding: ToolFinding): void {
  const key = `${finding.rule} ${finding.package?.name ?? ""}`;
  const known = findings.get(key)?.package;
  const versions = [...new Set([...(known?.versions ?? []), ...(finding.package?.versions ?? [])])].sort();
  findings.set(
    key,
    finding.package === undefined ? finding : { ...finding, package: { ...finding.package, versions } },
  );
}

const children = z.object({
  ID: z.union([z.number(), z.string()]),
  Issue: z.string().nullish(),
  URL: z.string().nullish(),
  Severity: z.string().nullish(),
  "Vulnerable Versions": z.string().nullish(),
  "Tree Versions": z.array(z.string()).nullish(),
});
const entry = z.union([
  z.object({ value: z.string(), children }),
  z.object({ type: z.literal("auditAdvisory"), data: z.object({ advisory }) }),
  z.object({
    type: z.enum(["auditSummary", "auditAction", "info", "warning", "activityTick", "step", "error"]),
    data: z.unknown(),
  }),
]);

function modern(
  { value, children: found }: { readonly value: string; readonly children: z.infer<typeof children> },
  lockfile: string | undefined,
): ToolFinding {
  const { ID, Issue, URL, Severity, "Tree Versions": versions } = found;
  return vulnerabilityOf({
    tool,
    id: /GHSA-[\w-]+/i.exec(URL ?? "")?.[0] ?? String(ID),
    ...{ title: Issue, url: URL, severity: severityIn(tool, Severity ?? "", `${value} Severity`) },
    ...{ ecosystem: "npm", name: value, versions: versions ?? [], path: lockfile },
  });
}
