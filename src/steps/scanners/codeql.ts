import { readReport } from "../../findings/findings.ts";
import type { ToolReport } from "../../model/finding.ts";
import type { Toolchain } from "../toolchains/toolchains.ts";
import type { Scanner, ScanOptions } from "./scanner.ts";
import { inRepository, reportOf } from "./tool-step.ts";

/** Faults that are found by following values through the code. Its makers publish no image: the team names its own. */
export const codeql: Scanner<ScanOptions<"codeql">> = {
  finds: "faults in code, by following values through it, by CodeQL",
  image: (_, { image }) => image,
  scan: async ({ dag, source, project }, { image, languages = [languageOf(project.toolchain)] }) => {
    const reports: ToolReport[] = [];
    // Each wants most of a machine's memory.
    for (const language of languages) {
      const [database, file] = [`/tmp/codeql-${language}`, `/tmp/${language}.sarif`];
      const container = inRepository(dag.container().from(image), source).withExec([
        ...["codeql", "database", "create", database, `--language=${language}`],
        ...["--build-mode=none", "--source-root=."],
      ]);
      const argv = ["codeql", "database", "analyze", database, "--format=sarif-latest", `--output=${file}`];
      const text = await reportOf(container, { argv, file });
      reports.push(await readReport("sarif", text, { tool: "codeql", kind: "code" }));
    }
    return {
      findings: reports.flatMap(({ findings }) => findings),
      problems: reports.flatMap(({ problems }) => problems),
    };
  },
};

function languageOf({ manager }: Pick<Toolchain, "manager">): string {
  return manager === "cargo" ? "rust" : "javascript-typescript";
}
