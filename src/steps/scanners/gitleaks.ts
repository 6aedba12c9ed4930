import { readReport } from "../../findings/findings.ts";
import type { Scanner } from "./scanner.ts";
import { goTool, inRepository, reportOf } from "./tool-step.ts";

const module = "github.com/zricethezav/gitleaks/v8@v8.30.1";

/** Keys and tokens by the rules of Gitleaks, or of the repository's own .gitleaks.toml. */
export const gitleaks: Scanner = {
  finds: "keys and tokens in files, by Gitleaks",
  image: ({ images }) => images.go,
  scan: async ({ dag, source, project }) => {
    const report = "/tmp/gitleaks.json";
    const argv = [
      ...["gitleaks", "dir", ".", "--redact", "--no-banner", "--exit-code", "0"],
      ...["--report-format", "json", "--report-path", report],
    ];
    const text = await reportOf(inRepository(goTool(dag, project, module), source), { argv, file: report });
    return readReport("gitleaks", text);
  },
};
