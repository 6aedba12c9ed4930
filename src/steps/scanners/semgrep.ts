import { posix } from "node:path";
import { firstLine, readReport } from "../../findings/findings.ts";
import { failure } from "../../model/errors.ts";
import type { Scanner, ScanOptions } from "./scanner.ts";
import { askedOn, inRepository, pythonTool, reportOf } from "./tool-step.ts";

const requirement = "semgrep==1.182.0";
const ownRules = [".semgrep.yml", ".semgrep.yaml", ".semgrep"] as const;

/** Patterns in code that rules describe: the repository's own, or packs of Semgrep's registry. */
export const semgrep: Scanner<ScanOptions<"semgrep">> = {
  finds: "patterns in code, by rules of the repository or of Semgrep's registry",
  image: ({ images }) => images.python,
  scan: async ({ dag, source, project, day }, { rules }) => {
    const names = (await source.entries()).map((name) => name.replace(/\/$/, ""));
    const configs = rules ?? ownRules.filter((name) => names.includes(name));
    if (configs.length === 0) throw withoutRules();
    const file = "/tmp/semgrep.sarif";
    const argv = [
      ...["semgrep", "scan", "--metrics=off", "--disable-version-check", "--no-git-ignore"],
      ...["--sarif", "--output", file, ...configs.flatMap((config) => ["--config", config]), "."],
    ];
    const container = inRepository(pythonTool(dag, project, requirement), source);
    // Rules of a registry are those of a day.
    const isAsked = configs.some((config) => !names.includes(topOf(config)));
    const text = await reportOf(isAsked ? askedOn(container, day) : container, { argv, file });
    const { findings, problems } = await readReport("sarif", text, { tool: "semgrep", kind: "code" });
    // Its own titles are `Semgrep Finding: <rule>`.
    return { problems, findings: findings.map((one) => ({ ...one, title: firstLine(one.message) })) };
  },
};

function topOf(path: string): string {
  return posix.normalize(path).split("/")[0] ?? path;
}

function withoutRules() {
  return failure("semgrep has no rules to look by", {
    code: "SCAN_RULES_MISSING",
    place: "fairway.yaml checks",
    remedy:
      "Write some to .semgrep.yml or .semgrep/, or name a pack: { scan: semgrep, rules: [p/javascript] }",
  });
}
