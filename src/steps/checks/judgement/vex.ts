import { isAbout, readVex, type VexStatement } from "../../../findings/findings.ts";
import type { Config } from "../../../config/config.ts";
import type { Evidence } from "../../../model/evidence.ts";
import type { RepositoryFiles } from "../../project.ts";

export interface VexDocuments {
  readonly statements: readonly VexStatement[];
  /** Of the config, those that no file is like. */
  readonly unmatched: readonly string[];
}

/** @throws FairwayError VEX_INVALID (exit 2) */
export async function vexDocuments({
  source,
  config,
}: {
  readonly source: RepositoryFiles;
  readonly config: Pick<Config, "findings">;
}): Promise<VexDocuments> {
  const patterns = config.findings.vex;
  const found = await Promise.all(patterns.map((pattern) => source.glob(pattern)));
  const files = [...new Set(found.flat())].filter((file) => !file.endsWith("/")).sort();
  const documents = await Promise.all(
    files.map(async (file) => readVex(await source.file(file).contents(), file)),
  );
  return { statements: documents.flat(), unmatched: patterns.filter((_, at) => found[at]?.length === 0) };
}

/** What speaks of nothing that was found: it is told, since it may be written wrong or be about what is gone. */
export function vexEvidence(
  { statements, unmatched }: VexDocuments,
  evidence: readonly Evidence[],
): Evidence[] {
  const found = evidence.flatMap(({ findings = [] }) => findings);
  const idle = statements.filter((statement) => !found.some((finding) => isAbout(finding, statement)));
  const told = [
    ...unmatched.map((pattern) => `findings.vex: no file is like ${pattern}`),
    ...idle.map(({ place, names }) => `${place} matches nothing that was found: ${names.join(", ")}`),
  ];
  if (told.length === 0) return [];
  const summaries = [
    ...(unmatched.length === 0 ? [] : [`no file is like ${unmatched.join(", ")}`]),
    ...(idle.length === 0 ? [] : [`${String(idle.length)} of what VEX documents say is about nothing here`]),
  ];
  const summary = summaries.join("; ");
  return [{ name: "vex", durationMs: 0, verdict: "pass", summary, details: told.join("\n") }];
}
