import type { Directory } from "@dagger.io/dagger";
import {
  defaultPolicy,
  findingsSummary,
  findingsText,
  mergeFindings,
  treatmentOf,
} from "../../findings/findings.ts";
import type { Finding, ToolReport } from "../../model/finding.ts";
import type { CheckAnswer } from "./check.ts";

export type Judged = CheckAnswer & { readonly findings: readonly Finding[] };

/** What a tool found, each by its source, as a verdict. A tool that could not do all of its work has not found all. */
export async function judged({ findings, problems }: ToolReport, source: Directory): Promise<Judged> {
  const texts = await sourcesOf(findings, source);
  const merged = mergeFindings(findings, (path) => texts.get(path));
  const summary = findingsSummary(merged, defaultPolicy);
  const blocking = merged.filter((finding) => treatmentOf(finding, defaultPolicy) === "block");
  const told = merged.filter((finding) => treatmentOf(finding, defaultPolicy) === "warn");
  if (blocking.length > 0)
    return { verdict: "fail", summary, details: findingsText([...blocking, ...told]), findings: merged };
  const details = told.length === 0 ? {} : { details: findingsText(told) };
  if (problems.length > 0)
    return {
      ...{ verdict: "insufficient", summary: `it did not look at everything; ${summary}` },
      ...{ missing: problems.join("\n"), ...details, findings: merged },
    };
  return { verdict: "pass", summary, ...details, findings: merged };
}

const mostFiles = 200;

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
async function textOf(source: Directory, path: string): Promise<string | undefined> {
  try {
    return await source.file(path).contents();
  } catch {
    return undefined;
  }
}
