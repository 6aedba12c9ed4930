import calculator from "ae-cvss-calculator";
import { z } from "zod";
import type { Severity, ToolFinding, ToolReport } from "../../model/finding.ts";
import { severityOfScore } from "../severity.ts";
import { vulnerabilityOf } from "./advisory.ts";
import { parseReport } from "./json.ts";
import { firstFixed } from "./versions.ts";

const tool = "cargo audit";

/**
 * `cargo audit --json`: vulnerabilities, and what it warns of (unmaintained, unsound or yanked crates). A vulnerability without a
 * score is high until somebody says otherwise; a warning is low.
 * @throws FairwayError FINDINGS_UNREADABLE (exit 1)
 */
export function readCargoAudit(text: string, lockfile: string | undefined): ToolReport {
  const { vulnerabilities, warnings } = parseReport(text, report, tool);
  const vulnerable = vulnerabilities.list.map((entry) => ofAdvisory(entry, entry.advisory, lockfile));
  const warned = Object.values(warnings ?? {})
    .flat()
    .map((entry) =>
      entry.advisory === null || entry.advisory === undefined
        ? without(entry, lockfile)
        : ofAdvisory(entry, entry.advisory, lockfile, "low"),
    );
  return { findings: [...vulnerable, ...warned], problems: [] };
}

const advisory = z.object({
  id: z.string(),
  title: z.string(),
  description: z.string().nullish(),
  aliases: z.array(z.string()).nullish(),
  cvss: z.string().nullish(),
  url: z.string().nullish(),
});
const crate = z.object({ name: z.string(), version: z.string() });
const versions = z.object({ patched: z.array(z.string()).nullish() }).nullish();
const warning = z.object({ kind: z.string(), package: crate, advisory: advisory.nullish(), versions });
const report = z.object({
  vulnerabilities: z.object({ list: z.array(z.object({ advisory, package: crate, versions })) }),
  warnings: z.record(z.string(), z.array(warning)).nullish(),
});

function ofAdvisory(
  entry: { readonly package: z.infer<typeof crate>; readonly versions?: z.infer<typeof versions> },
  { id, title, description, aliases, cvss, url }: z.infer<typeof advisory>,
  lockfile: string | undefined,
  severity: Severity = severityOfVector(cvss) ?? "high",
): ToolFinding {
  const { name, version } = entry.package;
  return vulnerabilityOf({
    ...{ tool, id, title, message: description, severity, ecosystem: "cargo", name },
    ...{ versions: [version], path: lockfile, aliases: [id, ...(aliases ?? [])] },
    fixed: (entry.versions?.patched ?? []).flatMap(firstFixed),
    url: url ?? `https://rustsec.org/advisories/${encodeURIComponent(id)}`,
  });
}

/** A yanked crate has no advisory. */
function without(
  { kind, package: { name, version } }: z.infer<typeof warning>,
  lockfile: string | undefined,
): ToolFinding {
  const title = `${name} ${version} is ${kind}`;
  return vulnerabilityOf({
    ...{ tool, id: kind, title, message: title, severity: "low", ecosystem: "cargo", name },
    ...{ versions: [version], path: lockfile },
  });
}

/** The package's own types are not found by its entry. */
interface Vector {
  isBaseFullyDefined(): boolean;
  calculateScores(): { readonly overall?: number };
}

/** Undefined for a vector that is none, or lacks a part of its base: then nobody knows the score. */
function severityOfVector(vector: string | null | undefined): Severity | undefined {
  if (vector === null || vector === undefined) return undefined;
  try {
    const read = calculator.fromVector(vector) as Vector | null;
    if (read?.isBaseFullyDefined() !== true) return undefined;
    const { overall } = read.calculateScores();
    return overall === undefined || !Number.isFinite(overall) ? undefined : severityOfScore(overall);
  } catch {
    return undefined;
  }
}
