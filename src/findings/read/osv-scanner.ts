import { z } from "zod";
import type { ToolFinding, ToolReport } from "../../model/finding.ts";
import { severityOfWord } from "../severity.ts";
import { severityOfScoreText, vulnerabilityOf } from "./advisory.ts";
import { parseReport } from "./json.ts";
import { repositoryPath } from "./place.ts";

const tool = "osv-scanner";

/**
 * `osv-scanner scan --format json`. A vulnerability without a score is high until somebody says otherwise.
 * @throws FairwayError FINDINGS_UNREADABLE (exit 1)
 */
export function readOsvScanner(text: string): ToolReport {
  const { results } = parseReport(text, report, tool);
  const findings = (results ?? []).flatMap(({ source, packages }) =>
    (packages ?? []).flatMap((entry) => findingsOf(entry, repositoryPath(source.path))),
  );
  return { findings, problems: [] };
}

const group = z.object({
  ids: z.array(z.string()),
  aliases: z.array(z.string()).nullish(),
  max_severity: z.string().nullish(),
});
const vulnerability = z.object({
  id: z.string(),
  aliases: z.array(z.string()).nullish(),
  summary: z.string().nullish(),
  details: z.string().nullish(),
  affected: z
    .array(
      z.object({
        package: z.object({ name: z.string() }).nullish(),
        ranges: z
          .array(z.object({ events: z.array(z.object({ fixed: z.string().optional() })).nullish() }))
          .nullish(),
      }),
    )
    .nullish(),
  database_specific: z.object({ severity: z.unknown(), cwe_ids: z.unknown() }).partial().nullish(),
});
const affected = z.object({
  package: z.object({ name: z.string(), version: z.string().nullish(), ecosystem: z.string().nullish() }),
  vulnerabilities: z.array(vulnerability).nullish(),
  groups: z.array(group).nullish(),
});
const report = z.object({
  results: z
    .array(z.object({ source: z.object({ path: z.string() }), packages: z.array(affected).nullish() }))
    .nullable(),
});

/** A group is one fault, with an entry for each database that knows it. */
function findingsOf(
  { package: { name, version, ecosystem }, vulnerabilities, groups }: z.infer<typeof affected>,
  path: string,
): ToolFinding[] {
  return (vulnerabilities ?? []).map((entry) => {
    const of = groups?.find(({ ids }) => ids.includes(entry.id));
    const said = entry.database_specific;
    const word = typeof said?.severity === "string" ? severityOfWord(said.severity) : undefined;
    const fixed = (entry.affected ?? [])
      .filter((part) => part.package === null || part.package === undefined || part.package.name === name)
      .flatMap(({ ranges }) => ranges ?? [])
      .flatMap(({ events }) =>
        (events ?? []).flatMap((event) => (event.fixed === undefined ? [] : [event.fixed])),
      );
    return vulnerabilityOf({
      tool,
      id: entry.id,
      aliases: [...(entry.aliases ?? []), ...(of?.ids ?? []), ...(of?.aliases ?? [])],
      ...{ title: entry.summary, message: entry.details ?? entry.summary },
      severity: severityOfScoreText(of?.max_severity) ?? word ?? "high",
      weaknesses: Array.isArray(said?.cwe_ids) ? said.cwe_ids.filter((id) => typeof id === "string") : [],
      url: `https://osv.dev/${encodeURIComponent(entry.id)}`,
      // Some ecosystems name their release too: `Debian:12`.
      ecosystem: (ecosystem ?? "").split(":")[0] ?? "",
      ...{ name, versions: version === null || version === undefined ? [] : [version], fixed, path },
    });
  });
}
