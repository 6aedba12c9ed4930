import { readReport } from "../../findings/findings.ts";
import type { Scanner } from "./scanner.ts";
import { agreedReportOf, askedOn, goTool, inRepository } from "./tool-step.ts";

const module = "github.com/google/osv-scanner/v2/cmd/osv-scanner@v2.3.5";

/** Known vulnerabilities of every lockfile in the repository, of whatever language, by the database at osv.dev. */
export const osvScanner: Scanner = {
  finds: "packages of any lockfile with known vulnerabilities, by osv.dev",
  image: ({ images }) => images.go,
  scan: async ({ dag, source, project, day }) => {
    const file = "/tmp/osv.json";
    const argv = [
      ...["osv-scanner", "scan", "source", "--recursive", "--format", "json"],
      ...["--output-file", file, "."],
    ];
    const container = askedOn(inRepository(goTool(dag, project, module), source), day);
    const tool = { argv, file, found: 1 };
    return agreedReportOf(container, tool, (text) => readReport("osv-scanner", text));
  },
};
