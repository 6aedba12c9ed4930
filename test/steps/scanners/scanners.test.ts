import { spawnSync } from "node:child_process";
import type { Secret } from "@dagger.io/dagger";
import { expect, it } from "vitest";
import { validateConfig } from "../../../src/config/config.ts";
import type { Evidence } from "../../../src/model/evidence.ts";
import { silentProgress } from "../../../src/model/progress.ts";
import { openProject, runChecks } from "../../../src/steps/steps.ts";
import { samples } from "../../findings/reports.ts";
import { type Call, execError, fakeClient, type FakeOptions } from "../fake-client.ts";

interface Options extends Omit<FakeOptions, "written"> {
  /** Of the tool. */
  readonly report?: string;
  /** By which it ended. @default 1 */
  readonly code?: number;
  /** On its standard error. */
  readonly said?: string;
  readonly secrets?: Readonly<Record<string, Secret>>;
  readonly now?: Date;
  /** Of fairway.yaml. */
  readonly config?: object;
}

const npm = { "package.json": '{ "packageManager": "npm@11.6.0" }', "package-lock.json": "{}" };
const pnpm = { "package.json": '{ "packageManager": "pnpm@10.34.9" }', "pnpm-lock.yaml": "" };

async function scan(
  check: object,
  { report = "{}", code = 1, said = "", secrets = {}, now = noon, config = {}, ...fake }: Options = {},
) {
  const chains: (readonly Call[])[] = [];
  const { client, source, execs } = fakeClient({
    files: npm,
    ...fake,
    // What an install writes is its list of scripts: none.
    written: (path, chain) => {
      if (path.includes("lifecycle")) return "[]";
      if (path.endsWith("exit-code")) return `${String(code)}\n`;
      if (path.endsWith("fairway-said")) return said;
      chains.push(chain);
      return report;
    },
  });
  const services = { api: { dockerfile: "Dockerfile", port: 3000, ready: "/" } };
  const project = await openProject(
    client,
    source,
    validateConfig({ name: "shop", checks: [check], services, ...config }, "test"),
  );
  const context = { project, progress: silentProgress, command: "npx fairway", secrets, now };
  const [evidence] = (await runChecks(context)) as [Evidence];
  return { evidence, argv: execs.at(-1) ?? [], execs, chain: chains.at(-1) ?? [] };
}

const noon = new Date("2026-12-01T12:00:00Z");
const sample = (format: string) => samples.find((one) => one.format === format)?.report ?? "";
const variables = (chain: readonly Call[]) =>
  Object.fromEntries(
    chain.filter(([method]) => method === "withEnvVariable").map(([, name, value]) => [name, value]),
  );
const images = (chain: readonly Call[]) =>
  chain.filter(([method]) => method === "from").map(([, image]) => image);

it.each([
  [{ scan: "gitleaks" }, "gitleaks", "secret"],
  [{ scan: "osv-scanner" }, "osv-scanner", "vulnerability"],
  [{ scan: "trufflehog" }, "trufflehog", "secret"],
  [{ scan: "trivy" }, "trivy", "vulnerability"],
  [{ scan: "trivy", of: "config" }, "trivy", "configuration"],
  [{ scan: "trivy", of: "sbom", file: "bom.json" }, "trivy", "vulnerability"],
  [{ scan: "audit" }, "npm-audit", "vulnerability"],
] as const)("%j runs its tool, and its report becomes findings", async (check, format, kind) => {
  const { evidence, argv } = await scan(check, { report: sample(format) });
  expect(evidence.verdict).toBe("fail");
  expect(evidence.findings?.map((finding) => finding.kind)).toContain(kind);
  expect(argv.join(" ")).toContain(format === "npm-audit" ? "npm audit --json" : format);
});

it.each([
  [{ scan: "audit" }, '{ "vulnerabilities": {} }'],
  [{ scan: "osv-scanner" }, '{ "results": [] }'],
])("%j that ends as if it had found something, and names nothing, is insufficient", async (check, report) => {
  const { evidence } = await scan(check, { report });
  expect(evidence).toMatchObject({
    ...{ verdict: "insufficient", summary: "it did not look at everything; nothing found" },
    missing: "it ended with exit code 1, and its report has nothing",
  });
  expect((await scan(check, { report, code: 0 })).evidence).toMatchObject({ verdict: "pass" });
});

it.each([
  [{ scan: "secretlint" }, /secretlint@\d+\.\d+\.\d+$/],
  [{ scan: "gitleaks" }, /@v\d+\.\d+\.\d+$/],
  [{ scan: "osv-scanner" }, /@v\d+\.\d+\.\d+$/],
  [{ scan: "semgrep", rules: ["p/ci"] }, /^semgrep==\d+\.\d+\.\d+$/],
])("%j is installed in one version", async (check, pinned) => {
  const { execs } = await scan(check);
  expect(execs[0]).toContainEqual(expect.stringMatching(pinned));
});

it.each([{ scan: "trivy" }, { scan: "trufflehog" }])("%j is an image of one digest", async (check) => {
  const { chain } = await scan(check, { report: sample(check.scan) });
  expect(images(chain)).toEqual([expect.stringMatching(/:\d+\.\d+\.\d+@sha256:[0-9a-f]{64}$/)]);
});

it("advisories are asked once a day, by the date of UTC, and what the source alone decides is not", async () => {
  const late = new Date("2026-12-01T23:30:00-05:00");
  const asked = await scan({ scan: "audit" }, { report: sample("npm-audit"), now: late });
  expect(variables(asked.chain)).toMatchObject({ FAIRWAY_ASKED_ON: "2026-12-02" });
  const own = await scan({ scan: "gitleaks" }, { report: "[]" });
  expect(variables(own.chain)).not.toHaveProperty("FAIRWAY_ASKED_ON");
});

it("an old pnpm's audit is asked by a newer one, which does not change itself into the old one", async () => {
  const { evidence, execs, chain } = await scan(
    { scan: "audit" },
    { files: pnpm, report: sample("pnpm-audit") },
  );
  expect(evidence.findings).toMatchObject([{ package: { name: "lodash", fixed: ["4.17.21"] } }]);
  expect(execs[0]).toContainEqual(expect.stringMatching(/^pnpm@11\./));
  expect(variables(chain)).toMatchObject({ pnpm_config_pm_on_fail: "ignore" });
});

it.each([
  [
    '{"error":{"code":"E","message":"The audit endpoint responded with 410"}}',
    "The audit endpoint responded with 410",
  ],
  ['{"type":"error","data":"Request failed"}', "Request failed"],
  ["no JSON at all", "no JSON at all"],
])("an audit that answers %s is insufficient, and says so", async (stdout, words) => {
  const exec = (argv: readonly string[]) => {
    if (argv.includes("audit")) throw execError(1, stdout);
    return undefined;
  };
  const { evidence } = await scan({ scan: "audit" }, { exec });
  expect(evidence).toMatchObject({
    ...{ verdict: "insufficient", summary: `could not be run: the audit got no answer: ${words}` },
    missing: expect.stringContaining("{ scan: osv-scanner }"),
  });
});

it("snyk without its token is insufficient, and names it", async () => {
  const { evidence, execs } = await scan({ scan: "snyk" });
  expect(evidence).toMatchObject({
    verdict: "insufficient",
    missing: expect.stringContaining("SNYK_TOKEN="),
  });
  expect(execs).toEqual([]);
});

it("snyk gets its token as a secret, and nothing else of it", async () => {
  const token = { secret: "SNYK_TOKEN" } as unknown as Secret;
  const { evidence, chain, execs } = await scan(
    { scan: "snyk" },
    { report: sample("snyk"), secrets: { SNYK_TOKEN: token } },
  );
  expect(evidence.verdict).toBe("fail");
  expect(chain).toContainEqual(["withSecretVariable", "SNYK_TOKEN", token]);
  expect(execs.flat().join(" ")).not.toContain("SNYK_TOKEN");
});

it("semgrep looks by the repository's own rules, which no day changes", async () => {
  const files = { ...npm, ".semgrep/eval.yml": "rules: []", ".semgrep.yml": "rules: []" };
  const { argv, chain } = await scan({ scan: "semgrep" }, { files });
  expect(argv.join(" ")).toContain("--config .semgrep.yml --config .semgrep .");
  expect(variables(chain)).not.toHaveProperty("FAIRWAY_ASKED_ON");
  const pack = await scan({ scan: "semgrep", rules: [".semgrep", "p/javascript"] }, { files });
  expect(variables(pack.chain)).toMatchObject({ FAIRWAY_ASKED_ON: "2026-12-01" });
});

it("semgrep without rules is insufficient, and says where they may be", async () => {
  const { evidence } = await scan({ scan: "semgrep" });
  expect(evidence).toMatchObject({
    verdict: "insufficient",
    missing: expect.stringContaining(".semgrep.yml"),
  });
});

const sarif = JSON.stringify({
  version: "2.1.0",
  runs: [
    {
      tool: { driver: { name: "Grype" } },
      results: [{ level: "error", ruleId: "r", message: { text: "m" } }],
    },
  ],
});

it("codeql makes a database of each language in the team's image, and analyses it", async () => {
  const image = `registry.example/codeql@sha256:${"0".repeat(64)}`;
  const check = { scan: "codeql", image, languages: ["javascript-typescript", "python"] };
  const { evidence, execs, chain } = await scan(check, { report: sarif });
  expect(evidence.findings).toMatchObject([{ kind: "code" }, { kind: "code" }]);
  expect(images(chain)).toEqual([image]);
  expect(execs.map((argv) => argv.join(" "))).toEqual([
    expect.stringMatching(/^codeql database create .*--language=javascript-typescript/),
    expect.stringMatching(/codeql database analyze .*javascript-typescript/),
    expect.stringMatching(/^codeql database create .*--language=python/),
    expect.stringMatching(/codeql database analyze .*python/),
  ]);
});

it("a tool of the team's is run by its script, and its SARIF file is judged under the check's name", async () => {
  const manifest = '{ "packageManager": "npm@11.6.0", "scripts": { "scan:grype": "grype" } }';
  const check = { scan: "sarif", name: "grype", script: "scan:grype", file: "out/grype.sarif" };
  const { evidence, argv } = await scan(check, {
    files: { ...npm, "package.json": manifest },
    report: sarif,
  });
  expect(evidence).toMatchObject({
    name: "grype",
    verdict: "fail",
    findings: [{ witnesses: [{ tool: "Grype" }] }],
  });
  expect(argv).toEqual(expect.arrayContaining(["/workspace/out/grype.sarif", "npm", "run", "scan:grype"]));
});

it("a tool of the team's in an image is told to write, and what was there before is not taken", async () => {
  const image = `anchore/grype@sha256:${"0".repeat(64)}`;
  const command = ["grype", "dir:.", "--output", "sarif", "--file", "grype.sarif"];
  const check = { scan: "sarif", name: "grype", image, command, file: "grype.sarif" };
  const { evidence, argv, chain } = await scan(check, { report: sarif });
  expect(evidence.verdict).toBe("fail");
  expect([images(chain), argv]).toEqual([[image], command]);
  expect(variables(chain)).toMatchObject({ FAIRWAY_REPORT: "/workspace/grype.sarif" });
});

it.each([
  [
    "osv-scanner",
    "Error during extraction: (extracting as javascript/packagelockjson) api/package-lock.json: could not extract\n",
    "Error during extraction: (extracting as javascript/packagelockjson) api/package-lock.json: could not extract",
  ],
  [
    "trufflehog",
    '{"level":"info-0","msg":"running source"}\n{"level":"error","msg":"encountered errors during scan","errors":["lstat key: denied"]}\n',
    "lstat key: denied",
  ],
])("%s that found something and could not read all of it says both", async (name, said, missing) => {
  const { evidence } = await scan({ scan: name }, { report: sample(name), said });
  expect(evidence).toMatchObject({
    verdict: "fail",
    summary: expect.stringContaining("; it did not look at everything"),
    details: expect.stringMatching(/\nnot looked at: /),
  });
  expect(evidence.details).toContain(missing);
  const suppressed = {
    findings: {
      severities: { critical: "track", high: "track", medium: "track" },
      unverifiedSecrets: "track",
    },
  };
  const held = await scan({ scan: name }, { report: sample(name), said, config: suppressed });
  expect(held.evidence).toMatchObject({ verdict: "insufficient", missing });
});

it.each([
  [128, "No package sources found", "osv-scanner has nothing to ask about", "take osv-scanner out of checks"],
  [
    127,
    "error when retrieving vulns: max retries exceeded",
    "osv-scanner got no answer: error when",
    "{ scan: audit }",
  ],
  [127, "something else", "its step ended with exit code 127", "something else"],
])(
  "osv-scanner that ends with %d and says %j tells what would settle it",
  async (code, said, summary, missing) => {
    const exec = (argv: readonly string[]) => {
      if (argv.includes("scan")) throw execError(code, "", said);
      return undefined;
    };
    const { evidence } = await scan({ scan: "osv-scanner" }, { exec });
    expect(evidence).toMatchObject({
      ...{ verdict: "insufficient", summary: expect.stringContaining(summary) },
      missing: expect.stringContaining(missing),
    });
  },
);

it("what trufflehog reports is never printed: it is the secrets themselves", async () => {
  const { argv } = await scan({ scan: "trufflehog" }, { report: sample("trufflehog") });
  const whole = spawnSync(argv[0]!, [
    ...argv.slice(1, argv.indexOf("trufflehog")),
    "sh",
    "-c",
    "echo AKIA; exit 7",
  ]);
  expect([whole.status, whole.stdout.toString()]).toEqual([7, ""]);
});

it("secretlint looks at what is committed although .gitignore names it, and at all where git cannot tell", async () => {
  const files = { ...npm, ".gitignore": ".env*\n", ".env": "", "b.ts": "" };
  const looks = async (said: string, more: Readonly<Record<string, string>> = {}) => {
    const exec = (argv: readonly string[]) => (argv.join(" ").includes("ask git") ? said : "");
    const empty = JSON.stringify({
      version: "2.1.0",
      runs: [{ tool: { driver: { name: "s" } }, results: [] }],
    });
    const options = { files: { ...files, ...more }, exec, report: empty };
    const { execs, evidence } = await scan({ scan: "secretlint" }, options);
    expect(evidence.verdict).toBe("pass");
    const own = execs.filter(([program]) => program?.endsWith("/secretlint") === true);
    return own.map((argv) => argv.slice(argv.indexOf("--secretlintrcJSON") + 2).join(" "));
  };
  const paths = (...names: string[]) => `paths ${Buffer.from(names.join("\0")).toString("base64")}\n`;
  expect(await looks(paths(".env", "gone.env"))).toEqual(["**/*", "--no-gitignore ./.env"]);
  expect(await looks(paths())).toEqual(["**/*"]);
  expect(await looks("")).toEqual(["--no-gitignore **/*"]);
});
