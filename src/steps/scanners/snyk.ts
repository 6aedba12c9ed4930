import { readReport } from "../../findings/findings.ts";
import { failure } from "../../model/errors.ts";
import type { Scanner } from "./scanner.ts";
import { agreedReportOf, askedOn, inRepository, npmTools, toolDirectory } from "./tool-step.ts";

const token = "SNYK_TOKEN";

/** Known vulnerabilities and licences of dependencies, by the database and the policy of the team's Snyk account. */
export const snyk: Scanner = {
  finds: "packages with known vulnerabilities, by a Snyk account",
  image: ({ images }) => images.node,
  scan: async ({ dag, source, project, day, secrets }) => {
    const secret = secrets[token];
    if (secret === undefined) throw withoutToken();
    const file = "/tmp/snyk.json";
    // Its program is brought by its install script.
    const installed = npmTools(dag, project, ["snyk@1.1307.4"], { installScripts: true });
    const container = askedOn(inRepository(installed, source), day)
      .withEnvVariable("SNYK_DISABLE_ANALYTICS", "1")
      .withSecretVariable(token, secret);
    const program = `${toolDirectory}/node_modules/.bin/snyk`;
    // Else a project that it cannot read is left out, and the others pass.
    const argv = [program, "test", "--all-projects", "--fail-fast", `--json-file-output=${file}`];
    const tool = { argv, file, found: 1, refusal: '"error":' };
    return agreedReportOf(container, tool, (text) => readReport("snyk", text));
  },
};

function withoutToken() {
  return failure(`snyk is asked with a token, and --secrets has no ${token}`, {
    code: "SCAN_SECRET_MISSING",
    place: "--secrets",
    remedy: `Add it to what --secrets names: ${token}=... (Snyk: account settings, API token)`,
  });
}
