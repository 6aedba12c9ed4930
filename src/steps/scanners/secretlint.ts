import { posix } from "node:path";
import type { Directory } from "@dagger.io/dagger";
import { firstLine, readReport } from "../../findings/findings.ts";
import type { ToolFinding } from "../../model/finding.ts";
import { workspace } from "../toolchains/toolchains.ts";
import type { Project } from "../project.ts";
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
    const container = inRepository(npmTools(dag, project, packages), source);
    const look = (words: readonly string[]) =>
      container
        .withExec([
          ...[`${toolDirectory}/node_modules/.bin/secretlint`, "--maskSecrets", "--output", report],
          ...["--format", "@secretlint/secretlint-formatter-sarif"],
          ...(own ? [] : ["--secretlintrcJSON", JSON.stringify(rules)]),
          ...(names.includes(".secretlintignore") ? ignore : []),
          ...words,
        ])
        .file(report)
        .contents();
    const texts = await Promise.all((await looksAt(source, project)).map(look));
    const reports = await Promise.all(
      texts.map((text) => readReport("sarif", text, { tool: "secretlint", kind: "secret" })),
    );
    return {
      problems: reports.flatMap(({ problems }) => problems),
      findings: reports.flatMap(({ findings }) => findings.map(described)),
    };
  },
};

const everything = "**/*";
const mostPaths = 500;

/** It leaves out what .gitignore names, such as somebody's own .env; not what is committed all the same. */
async function looksAt(
  source: Directory,
  project: Pick<Project, "ignoredInGit">,
): Promise<readonly (readonly string[])[]> {
  if ((await source.glob("**/.gitignore")).length === 0) return [[everything]];
  const committed = await project.ignoredInGit();
  if (committed === null || committed.length > mostPaths) return [["--no-gitignore", everything]];
  const there = await Promise.all(committed.map((path) => source.exists(path)));
  const paths = committed.filter((_, at) => there[at]).map((path) => `./${path}`);
  return paths.length === 0 ? [[everything]] : [[everything], ["--no-gitignore", ...paths]];
}

/** `preset > rule` is the rule, whose title says only that it is an error; the message is `found KIND: ***`. */
function described(finding: ToolFinding): ToolFinding {
  const { rule, message } = finding;
  const what = /^found ([^:]+): \**$/.exec(message)?.[1] ?? message;
  return { ...finding, rule: rule.split(" > ").at(-1) ?? rule, title: firstLine(what), toolVersion: version };
}
