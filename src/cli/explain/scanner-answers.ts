import { posix } from "node:path";
import type { ReportFormat } from "../../findings/findings.ts";
import { exitCodeFile, reportStep } from "../../steps/steps.ts";
import type { ScriptedEngine } from "../../testing/testing.ts";
import type { Seen } from "./seen.ts";

/** Scanners are taken to find nothing: what comes after them is what is asked about. */
export function answerScanners(engine: ScriptedEngine, seen: Seen): void {
  const assume = (program: string) => {
    seen.assume(`what ${program} finds`, "nothing");
  };
  engine
    .on(/# report, where findings are no failure\n/)
    .optional()
    .answers(({ argv }) => {
      const { report, said, command } = reportStep(argv);
      const program = posix.basename(command[0] ?? "");
      assume(program);
      const text = nothingFound[formatOf(program, report)];
      return {
        files: { [report]: text, [exitCodeFile]: "0\n", ...(said === "" ? {} : { [said]: "" }) },
      };
    });
  engine
    .on({ env: ["FAIRWAY_REPORT"] })
    .optional()
    .answers(({ argv, variables }) => {
      assume(posix.basename(argv[0] ?? ""));
      return { files: { [variables["FAIRWAY_REPORT"] ?? ""]: nothingFound.sarif } };
    });
  for (const [command, stdout] of Object.entries(noDependencies))
    engine
      .on(command)
      .optional()
      .answers(() => {
        seen.assume("which licences the dependencies are under", "there are no dependencies");
        return { stdout };
      });
  engine
    .on(/\/secretlint .*--output \S+/s)
    .optional()
    .answers(({ argv }) => {
      assume("secretlint");
      return { files: { [argv[argv.indexOf("--output") + 1] ?? ""]: nothingFound.sarif } };
    });
}

const formats: Readonly<Record<string, ReportFormat>> = {
  npm: "npm-audit",
  pnpm: "pnpm-audit",
  yarn: "yarn-audit",
  "cargo-audit": "cargo-audit",
  gitleaks: "gitleaks",
  "osv-scanner": "osv-scanner",
  snyk: "snyk",
  trivy: "trivy",
  trufflehog: "trufflehog",
};

function formatOf(program: string, report: string): ReportFormat {
  return report.endsWith(".sarif") ? "sarif" : (formats[program] ?? "sarif");
}

/** What each of them writes where there is nothing. */
export const nothingFound: Readonly<Record<ReportFormat, string>> = {
  sarif: JSON.stringify({ version: "2.1.0", runs: [{ tool: { driver: { name: "none" } }, results: [] }] }),
  "npm-audit": JSON.stringify({ auditReportVersion: 2, vulnerabilities: {}, metadata: {} }),
  "pnpm-audit": JSON.stringify({ actions: [], advisories: {}, muted: [], metadata: {} }),
  "yarn-audit": "",
  "cargo-audit": JSON.stringify({ vulnerabilities: { found: false, count: 0, list: [] }, warnings: {} }),
  gitleaks: "[]",
  "osv-scanner": JSON.stringify({ results: [] }),
  snyk: JSON.stringify({ ok: true, vulnerabilities: [] }),
  trivy: JSON.stringify({ SchemaVersion: 2, ArtifactName: "." }),
  trufflehog: "",
};

/** What each package manager lists where nothing is installed. */
export const noDependencies: Readonly<Record<string, string>> = {
  "pnpm licenses list --recursive --json": "{}",
  "npm sbom --sbom-format cyclonedx --package-lock-only": JSON.stringify({ components: [] }),
  "yarn --silent licenses list --json": JSON.stringify({ type: "table", data: { body: [] } }),
  "cargo metadata --format-version 1 --locked": JSON.stringify({ packages: [] }),
};
