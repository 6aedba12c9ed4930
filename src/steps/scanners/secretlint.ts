import { posix } from "node:path";
import { firstLine, readReport } from "../../findings/findings.ts";
import type { ToolFinding } from "../../model/finding.ts";
import { workspace } from "../toolchains/toolchains.ts";
import type { Scanner } from "./scanner.ts";
import { inRepository, npmTools, toolDirectory } from "./tool-step.ts";

const version = "13.0.6";
const packages = [
  `secretlint@${version}`,
  "@secretlint/secretlint-rule-preset-recommend@13.0.7",
  // The only format without the text of the files, which holds the secrets.
  "@secretlint/secretlint-formatter-sarif@13.0.5",
];
const report = "/tmp/secretlint.sarif";

/** Where the repository has no `.secretlintrc`. An access key's id is half of the key, and tells whose it is. */
const rules = {
  rules: [
    {
      id: "@secretlint/secretlint-rule-preset-recommend",
      rules: [{ id: "@secretlint/secretlint-rule-aws", options: { enableIDScanRule: true } }],
    },
  ],
};

/** Keys and passwords in files, with plain JavaScript: it runs wherever Node does. */
export const secretlint: Scanner = {
  finds: "keys, tokens and passwords in files",
  image: ({ images }) => images.node,
  scan: async ({ dag, source, project }) => {
    const names = await source.entries();
    const own = names.some((name) => name.startsWith(".secretlintrc"));
    const ignore = ["--secretlintignore", posix.join(workspace, ".secretlintignore")];
    // Rules are found beside the tool, wherever it is run.
    const text = await inRepository(npmTools(dag, project, packages), source)
      .withExec([
        ...[`${toolDirectory}/node_modules/.bin/secretlint`, "--maskSecrets", "--output", report],
        ...["--format", "@secretlint/secretlint-formatter-sarif"],
        ...(own ? [] : ["--secretlintrcJSON", JSON.stringify(rules)]),
        ...(names.includes(".secretlintignore") ? ignore : []),
        "**/*",
      ])
      .file(report)
      .contents();
    const { findings, problems } = await readReport("sarif", text, { tool: "secretlint", kind: "secret" });
    return { problems, findings: findings.map(described) };
  },
};

/** `preset > rule` is the rule, whose title says only that it is an error; the message is `found KIND: ***`. */
function described(finding: ToolFinding): ToolFinding {
  const { rule, message } = finding;
  const what = /^found ([^:]+): \**$/.exec(message)?.[1] ?? message;
  return { ...finding, rule: rule.split(" > ").at(-1) ?? rule, title: firstLine(what), toolVersion: version };
}
