import type { Directory } from "@dagger.io/dagger";
import {
  type FindingPolicy,
  findingsSummary,
  findingsText,
  isExpired,
  mergeFindings,
  readSuppressions,
  suppressionFaults,
  type Suppression,
  treated,
} from "../../../findings/findings.ts";
import type { Config } from "../../../config/config.ts";
import type { Evidence } from "../../../model/evidence.ts";
import type { Finding, JudgedFinding, ToolReport } from "../../../model/finding.ts";
import type { RepositoryFiles } from "../../project.ts";
import type { OldFindings } from "./base.ts";
import type { CheckAnswer } from "../check.ts";

export type Judged = CheckAnswer & { readonly findings: readonly JudgedFinding[] };

export interface Suppressions {
  readonly file: string;
  /** Expired ones too: they suppress nothing, and are told. */
  readonly all: readonly Suppression[];
}

/** @throws FairwayError SUPPRESSIONS_INVALID (exit 2) */
export async function suppressionsOf({
  source,
  config,
}: {
  readonly source: RepositoryFiles;
  readonly config: Pick<Config, "findings">;
}): Promise<Suppressions> {
  const file = config.findings.suppressions;
  if (!(await source.exists(file))) return { file, all: [] };
  return { file, all: readSuppressions(await source.file(file).contents(), file) };
}

export function policyOf(
  findings: Pick<FindingPolicy, "severities" | "sprint" | "unverifiedSecrets">,
  { all }: Pick<Suppressions, "all">,
  facts: Pick<FindingPolicy, "now" | "known" | "vex">,
): FindingPolicy {
  return { ...findings, ...facts, suppressions: all.filter((one) => !isExpired(one, facts.now)) };
}

/**
 * What a tool found, each by its source, as a verdict. A tool that could not do all of its work has not found all.
 * @param base asked where something would be told that may have been there before; absent where everything counts
 */
export async function judged(
  { findings, problems }: ToolReport,
  source: Directory,
  policy: FindingPolicy,
  base?: (found: readonly Finding[], source: Directory) => Promise<OldFindings>,
): Promise<Judged> {
  const merged = await mergedBySource(findings, source);
  const all = treated(merged, policy);
  if (base === undefined || !all.some(isTold)) return verdictOf(all, problems);
  const { names, why } = await base(merged, source);
  const { summary, ...answer } = verdictOf(treated(merged, { ...policy, old: names }), problems);
  return { ...answer, summary: why === undefined ? summary : `${summary}; everything counts as new: ${why}` };
}

function isTold({ treatment }: JudgedFinding): boolean {
  return treatment === "block" || treatment === "warn";
}

/** One finding for each fault, known by the source around it. */
export async function mergedBySource(
  findings: ToolReport["findings"],
  source: Directory,
): Promise<Finding[]> {
  const texts = await sourcesOf(findings, source);
  return mergeFindings(findings, (path) => texts.get(path));
}

function verdictOf(all: readonly JudgedFinding[], problems: readonly string[]): Judged {
  const summary = findingsSummary(all);
  const { block: blocking = [], warn: told = [] } = Object.groupBy(all, ({ treatment }) => treatment);
  if (blocking.length > 0) {
    const unseen = problems.map((line) => `not looked at: ${line}`);
    return {
      verdict: "fail",
      summary: problems.length === 0 ? summary : `${summary}; it did not look at everything`,
      details: [findingsText([...blocking, ...told]), ...unseen].join("\n"),
      findings: all,
    };
  }
  const details = told.length === 0 ? {} : { details: findingsText(told) };
  if (problems.length > 0)
    return {
      ...{ verdict: "insufficient", summary: `it did not look at everything; ${summary}` },
      ...{ missing: problems.join("\n"), ...details, findings: all },
    };
  return { verdict: "pass", summary, ...details, findings: all };
}

/** Of the suppressions themselves; none where nothing is wrong with them. */
export function suppressionEvidence(
  { file, all }: Suppressions,
  evidence: readonly Evidence[],
  { now, complete, repeat }: { readonly now: Date; readonly complete: boolean; readonly repeat: string },
): Evidence[] {
  const found = evidence.flatMap(({ findings = [] }) => findings);
  const faults = suppressionFaults(all, found, { now, complete });
  if (faults.length === 0) return [];
  const summary = `${file} is not as it has to be`;
  return [
    { name: "suppressions", durationMs: 0, verdict: "fail", summary, details: faults.join("\n"), repeat },
  ];
}

/** Beyond so many, what is found is known by what the tool quotes of it. */
const mostFiles = 2_000;

/** Only of what is found in code: the others are known without it. */
async function sourcesOf(findings: ToolReport["findings"], source: Directory): Promise<Map<string, string>> {
  const paths = findings
    .filter(({ kind }) => kind === "code" || kind === "configuration")
    .flatMap(({ locations: [place] }) =>
      place === undefined || place.image !== undefined ? [] : [place.path],
    );
  const texts = await Promise.all(
    [...new Set(paths)]
      .sort()
      .slice(0, mostFiles)
      .map(async (path) => [path, await textOf(source, path)] as const),
  );
  return new Map(texts.flatMap(([path, text]) => (text === undefined ? [] : [[path, text]])));
}

/** Tools also name what is no file: a package, an image, a path of their own. */
export async function textOf(source: Directory, path: string): Promise<string | undefined> {
  try {
    return await source.file(path).contents();
  } catch {
    return undefined;
  }
}
