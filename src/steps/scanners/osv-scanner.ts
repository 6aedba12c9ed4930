import { firstLine, readReport } from "../../findings/findings.ts";
import { failure } from "../../model/errors.ts";
import { stepFailure } from "../step-failure.ts";
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
      // What git ignores may be committed all the same, and is in an image that is built of this folder.
      ...["osv-scanner", "scan", "source", "--recursive", "--no-ignore", "--format", "json"],
      // With findings its exit code is theirs, also where a lockfile could not be read: only this says so.
      ...["--verbosity", "error", "--output-file", file, "."],
    ];
    const installed = inRepository(goTool(dag, project, module), source);
    const tool = { argv, file, found: 1, complaints };
    try {
      return await agreedReportOf(askedOn(installed, day), tool, (text) => readReport("osv-scanner", text));
    } catch (error) {
      throw unanswered(error) ?? error;
    }
  },
};

function complaints(said: string): string[] {
  return said.split("\n").filter((line) => line.trim() !== "");
}

const nothingToAsk = 128;
const withoutAnswer = /error when retrieving vulns|failed to (?:call|query) (?:the )?osv|api\.osv\.dev/i;

/** Undefined for an end that the step's own output says more of. */
function unanswered(error: unknown): Error | undefined {
  const failed = stepFailure(error);
  if (failed === undefined) return undefined;
  const lines = complaints(failed.stderr);
  if (failed.exitCode === nothingToAsk) {
    const unread = lines.filter((line) => line.startsWith("Error"));
    const why =
      unread.length === 0 ? "the repository has no lockfile that names a package" : unread.join("; ");
    return failure(`osv-scanner has nothing to ask about: ${firstLine(why)}`, {
      code: "SCAN_NOTHING_TO_LOOK_AT",
      remedy: "Commit a lockfile that it can read, or take osv-scanner out of checks.",
      cause: error,
    });
  }
  const line = lines.find((text) => withoutAnswer.test(text));
  if (line === undefined) return undefined;
  return failure(`osv-scanner got no answer: ${firstLine(line)}`, {
    code: "SCAN_UNANSWERED",
    remedy:
      "Can api.osv.dev be reached from here? { scan: audit } asks the package manager's registry instead.",
    cause: error,
  });
}
