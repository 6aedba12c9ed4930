import type { TestsOfRun, TestStanding } from "../../../model/test-run.ts";
import { judgeTests, ownerFiles, ownerOf, type Standing } from "../../../test-results/test-results.ts";
import type { Project } from "../../project.ts";
import { lastLines } from "../../step-failure.ts";
import type { CheckAnswer } from "../check.ts";
import type { ChecksMemory } from "../memory.ts";
import type { TestedRun } from "../scripts/scripts.ts";

export type JudgedTestRun = CheckAnswer & { readonly tests: TestsOfRun };

/** What a run of tests says as a verdict, beside what is known of its tests. What ran is remembered. */
export async function judgedTests(
  check: string,
  { attempts, cached, notAlone }: TestedRun,
  { project, memory }: { readonly project: Project; readonly memory: ChecksMemory },
): Promise<JudgedTestRun> {
  const known = await owned(
    memory.tests.filter((standing) => standing.check === check),
    project,
  );
  const { results, ...judged } = judgeTests(attempts, { known, notAlone });
  if (!cached) memory.tested(check, results);
  if (judged.verdict === "fail") return { ...judged, details: lastLines(judged.details, 60) };
  const isPlain = cached && judged.verdict === "pass" && judged.summary === "passed";
  return isPlain ? { ...judged, summary: "passed before, nothing changed" } : judged;
}

/** Each with whom to ask: by CODEOWNERS, else whom the config names. */
export async function owned(
  standings: readonly Standing[],
  { source, config }: Pick<Project, "source" | "config">,
): Promise<readonly TestStanding[]> {
  if (standings.length === 0) return [];
  const codeowners = await codeownersOf(source);
  return Promise.all(
    standings.map(async ({ file, ...standing }) => {
      const owner = file === undefined ? null : await ownerOf(codeowners, file);
      return { ...standing, owner: owner ?? config.tests.owner };
    }),
  );
}

async function codeownersOf(source: Project["source"]): Promise<string> {
  for (const path of ownerFiles) if (await source.exists(path)) return source.file(path).contents();
  return "";
}
