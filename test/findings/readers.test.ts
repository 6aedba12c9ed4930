import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { mergeFindings, readReport, reportFormats, writeSarif } from "../../src/findings/findings.ts";
import { isFairwayError } from "../../src/model/errors.ts";
import { sarifErrors } from "../support/sarif-schema.ts";
import { failureOf } from "../support/failure-of.ts";
import { samples } from "./reports.ts";

const options = { lockfile: "pnpm-lock.yaml" };
const lodash = {
  kind: "vulnerability",
  package: { ecosystem: "npm", name: "lodash" },
  locations: [{ path: "pnpm-lock.yaml" }],
  severity: "high",
};

async function findingsIn(at: number) {
  const { format, report } = samples[at]!;
  return (await readReport(format, report, options)).findings;
}

const indexOf = (format: string) => samples.findIndex((sample) => sample.format === format);

it("each format that is read has a sample, or tests of its own", () => {
  expect(new Set([...samples.map(({ format }) => format), "sarif"])).toEqual(new Set(reportFormats));
});

it("npm audit that names a vulnerable package, and not by what it is so, has not told all", async () => {
  const report = JSON.stringify({ vulnerabilities: { a: { name: "a", via: ["b"] } } });
  expect(await readReport("npm-audit", report, options)).toEqual({
    findings: [],
    problems: ["it says that b is vulnerable, and not by what"],
  });
});

describe("what tools say of the same vulnerable package", () => {
  it("npm audit: the package that is the cause, and not those that depend on it", async () => {
    expect(await findingsIn(indexOf("npm-audit"))).toMatchObject([
      {
        ...lodash,
        ...{
          rule: "GHSA-35jh-r3h4-6jhm",
          title: "Command Injection in lodash",
          weaknesses: ["CWE-77", "CWE-94"],
        },
        message: "Command Injection in lodash: lodash <4.17.21",
      },
    ]);
  });

  it("pnpm audit, with the versions that were found and the first one without the fault", async () => {
    expect(await findingsIn(indexOf("pnpm-audit"))).toMatchObject([
      {
        ...lodash,
        package: { ecosystem: "npm", name: "lodash", versions: ["4.17.1"], fixed: ["4.17.21"] },
        aliases: ["CVE-2021-23337", "GHSA-35jh-r3h4-6jhm"],
      },
    ]);
  });

  it("yarn audit, told once for each way to the package, is one with all versions", async () => {
    expect(await findingsIn(indexOf("yarn-audit"))).toMatchObject([
      { ...lodash, package: { versions: ["4.17.1", "4.17.2"] } },
    ]);
  });

  it("yarn npm audit", async () => {
    expect(await findingsIn(indexOf("yarn-audit") + 1)).toMatchObject([
      { ...lodash, rule: "GHSA-35jh-r3h4-6jhm", package: { versions: ["4.17.1"] } },
    ]);
  });

  it("OSV-Scanner: the score counts before the word, and another package's fixed version does not", async () => {
    expect(await findingsIn(indexOf("osv-scanner"))).toMatchObject([
      { ...lodash, package: { versions: ["4.17.1"], fixed: ["4.17.21"] }, weaknesses: ["CWE-94"] },
    ]);
  });

  it("Snyk", async () => {
    expect(await findingsIn(indexOf("snyk"))).toMatchObject([
      { ...lodash, rule: "SNYK-JS-LODASH-1040724", aliases: ["CVE-2021-23337", "GHSA-35jh-r3h4-6jhm"] },
    ]);
  });

  it("all of them together are one finding, with a witness each", async () => {
    const reports = await Promise.all(
      samples
        .filter(({ format }) => !["cargo-audit", "gitleaks", "trufflehog"].includes(format))
        .map(({ format, report }) => readReport(format, report, options)),
    );
    const merged = mergeFindings(reports.flatMap(({ findings }) => findings)).filter(
      ({ kind }) => kind === "vulnerability",
    );
    expect(merged).toHaveLength(1);
    expect(merged[0]).toMatchObject({ rule: "CVE-2021-23337", package: { fixed: ["4.17.21", "5.0.1"] } });
    expect(new Set(merged[0]?.witnesses.map(({ tool }) => tool))).toEqual(
      new Set(["npm audit", "pnpm audit", "yarn audit", "osv-scanner", "snyk", "trivy"]),
    );
  });
});

it("cargo audit: the severity of the vector, warnings are low, and a yanked crate has no advisory", async () => {
  expect(await findingsIn(indexOf("cargo-audit"))).toMatchObject([
    {
      ...{ rule: "RUSTSEC-2020-0071", severity: "medium" },
      aliases: ["CVE-2020-26235", "GHSA-wcg3-cvx6-7396", "RUSTSEC-2020-0071"],
      package: { ecosystem: "cargo", name: "time", versions: ["0.1.43"], fixed: ["0.2.23"] },
    },
    { rule: "yanked", severity: "low", title: "old 1.0.0 is yanked" },
  ]);
});

it.each([["not a vector"], ["CVSS:3.1/AV:N"], [null]])(
  "a crate's vector %j tells no score: it is high",
  async (cvss) => {
    const { report, format } = samples[indexOf("cargo-audit")]!;
    const value = JSON.parse(report) as {
      vulnerabilities: { list: { advisory: { cvss: string | null } }[] };
    };
    value.vulnerabilities.list[0]!.advisory.cvss = cvss;
    const { findings } = await readReport(format, JSON.stringify(value), options);
    expect(findings[0]?.severity).toBe("high");
  },
);

it("Trivy: vulnerabilities, what is set up wrongly, secrets and licences; not what passed", async () => {
  const found = await findingsIn(indexOf("trivy"));
  expect(found.map(({ kind, rule }) => [kind, rule])).toEqual([
    ["vulnerability", "CVE-2021-23337"],
    ["configuration", "DS002"],
    ["secret", "aws-access-key-id"],
    ["license", "AGPL-3.0"],
  ]);
  expect(found[1]).toMatchObject({ locations: [{ path: "Dockerfile", line: 3, endLine: 3 }] });
  expect(found[3]).toMatchObject({ package: { ecosystem: "npm", name: "gpl-thing" } });
});

it("what is in an image says in which", async () => {
  const { format, report } = samples[indexOf("trivy")]!;
  const { findings } = await readReport(format, report, { ...options, image: "api" });
  expect(findings[0]?.locations).toEqual([{ path: "pnpm-lock.yaml", image: "api" }]);
});

it("TruffleHog: unverified is not unknown, and neither is harmless", async () => {
  expect(await findingsIn(indexOf("trufflehog"))).toMatchObject([
    { verification: "verified", severity: "critical", locations: [{ path: "src/keys.ts", line: 4 }] },
    { verification: "unknown", severity: "high", locations: [{ path: "src/keys.ts", line: 9 }] },
    { verification: "unverified", severity: "high", locations: [{ path: "b.ts" }] },
  ]);
});

it("no secret is read", async () => {
  for (const { format, report } of samples)
    expect(JSON.stringify(await readReport(format, report, options))).not.toContain("AKIA-is-in-the-report");
});

it.each(samples)("$format where nothing was found", async ({ format, empty }) => {
  expect(await readReport(format, empty, options)).toEqual({ findings: [], problems: [] });
});

it.each(samples)("$format with a byte order mark", async ({ format, report }) => {
  const marked = await readReport(format, `\uFEFF${report}`, options);
  expect(marked).toEqual(await readReport(format, report, options));
});

const truncated = samples.flatMap(({ format, report }) => [
  { format, text: report.slice(0, -3), how: "cut off" },
  { format, text: "\u0000PK\u0003\u0004", how: "no text" },
  { format, text: Buffer.from(report, "utf16le").toString("latin1"), how: "another encoding" },
  { format, text: '"a string"', how: "another value" },
]);

it.each(truncated)("$format that is $how is an error, not an empty report", async ({ format, text }) => {
  expect(await failureOf(readReport(format, text, options))).toMatchObject({
    code: "FINDINGS_UNREADABLE",
    exitCode: 1,
  });
});

it.each([
  [
    "npm-audit",
    '{"error":{"code":"ENOAUDIT","summary":"the registry does not audit"}}',
    "the registry does not audit",
  ],
  ["npm-audit", '{"message":"request failed","error":{}}', "request failed"],
  ["pnpm-audit", "{}", "neither `vulnerabilities` nor `advisories`"],
  ["snyk", '{"ok":false,"error":"Missing auth token"}', "Missing auth token"],
  ["snyk", "{}", "it has no `vulnerabilities`"],
] as const)("%s that says why it failed: %s", async (format, text, words) => {
  expect((await failureOf(readReport(format, text, options))).message).toContain(words);
});

it("a severity that nobody knows is an error, not harmless", async () => {
  const { format, report } = samples[indexOf("pnpm-audit")]!;
  const text = report.replace('"severity":"high"', '"severity":"spicy"');
  expect((await failureOf(readReport(format, text, options))).message).toContain(
    'the severity "spicy" is unknown',
  );
});

it("whatever the input, it is a report that can be written as SARIF, or that error", async () => {
  const json = fc.json({ maxDepth: 4 });
  const pieces = samples.flatMap(({ format, report }) => {
    const value = report.includes("\n") ? report : (JSON.parse(report) as unknown);
    return [{ format, value }];
  });
  /** A real report of which one part is another value. */
  const mutated = fc.constantFrom(...pieces).chain(({ format, value }) =>
    fc.tuple(fc.nat(60), fc.jsonValue({ maxDepth: 1 })).map(([at, other]) => {
      let count = 0;
      const change = (part: unknown): unknown => {
        if (count++ === at) return other;
        if (Array.isArray(part)) return part.map(change);
        if (part === null || typeof part !== "object") return part;
        return Object.fromEntries(Object.entries(part).map(([name, inner]) => [name, change(inner)]));
      };
      const text = typeof value === "string" ? value.slice(0, -at - 1) : JSON.stringify(change(value));
      return { format, text };
    }),
  );
  const raw = fc.record({ format: fc.constantFrom(...reportFormats), text: fc.oneof(fc.string(), json) });
  await fc.assert(
    fc.asyncProperty(fc.oneof(mutated, raw), async ({ format, text }) => {
      try {
        const { findings } = await readReport(format, text, options);
        const merged = mergeFindings(findings);
        const written = writeSarif(merged, { complete: true, notifications: [] });
        expect(sarifErrors(written)).toBeNull();
        expect(mergeFindings((await readReport("sarif", written, options)).findings)).toEqual(merged);
      } catch (error) {
        if (!isFairwayError(error)) throw error;
        expect(error.code).toBe("FINDINGS_UNREADABLE");
      }
    }),
    { numRuns: 300 },
  );
});
