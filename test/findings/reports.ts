import type { ReportFormat } from "../../src/findings/findings.ts";

export interface Sample {
  readonly format: ReportFormat;
  /** As the tool documents what it prints, cut to one finding of a kind. */
  readonly report: string;
  /** What it prints when there is nothing. */
  readonly empty: string;
}

const lines = (...values: readonly object[]) => values.map((value) => JSON.stringify(value)).join("\n");

const advisory = {
  findings: [{ version: "4.17.1", paths: [".>lodash"] }],
  id: 1106913,
  title: "Command Injection in lodash",
  module_name: "lodash",
  cves: ["CVE-2021-23337"],
  vulnerable_versions: "<4.17.21",
  patched_versions: ">=4.17.21",
  overview: "`lodash` versions prior to 4.17.21 are vulnerable.",
  severity: "high",
  cwe: ["CWE-77", "CWE-94"],
  github_advisory_id: "GHSA-35jh-r3h4-6jhm",
  url: "https://github.com/advisories/GHSA-35jh-r3h4-6jhm",
  unknown_field: { anything: true },
};

const rustAdvisory = {
  id: "RUSTSEC-2020-0071",
  package: "time",
  title: "Potential segfault in the time crate",
  description: "Unix-like operating systems may segfault.",
  date: "2020-11-18",
  aliases: ["CVE-2020-26235", "GHSA-wcg3-cvx6-7396"],
  cvss: "CVSS:3.1/AV:L/AC:L/PR:L/UI:N/S:U/C:N/I:N/A:H",
  url: "https://github.com/time-rs/time/issues/293",
};
const time = { name: "time", version: "0.1.43", source: "registry", checksum: "ca8a" };

const trivyResult = {
  Target: "pnpm-lock.yaml",
  Class: "lang-pkgs",
  Type: "pnpm",
  Vulnerabilities: [
    {
      VulnerabilityID: "CVE-2021-23337",
      VendorIDs: ["GHSA-35jh-r3h4-6jhm"],
      PkgName: "lodash",
      InstalledVersion: "4.17.1",
      FixedVersion: "4.17.21, 5.0.1",
      Status: "fixed",
      Severity: "HIGH",
      Title: "nodejs-lodash: command injection via template",
      Description: "Lodash versions prior to 4.17.21 are vulnerable.",
      PrimaryURL: "https://avd.aquasec.com/nvd/cve-2021-23337",
      CweIDs: ["CWE-94"],
    },
  ],
};

export const samples: readonly Sample[] = [
  {
    format: "npm-audit",
    report: JSON.stringify({
      auditReportVersion: 2,
      vulnerabilities: {
        lodash: {
          name: "lodash",
          severity: "high",
          isDirect: false,
          via: [
            {
              source: 1106913,
              name: "lodash",
              dependency: "lodash",
              title: "Command Injection in lodash",
              url: "https://github.com/advisories/GHSA-35jh-r3h4-6jhm",
              severity: "high",
              cwe: ["CWE-77", "CWE-94"],
              cvss: { score: 7.2, vectorString: "CVSS:3.1/AV:N/AC:L/PR:H/UI:N/S:U/C:H/I:H/A:H" },
              range: "<4.17.21",
            },
          ],
          effects: ["async"],
          range: "<=4.17.20",
          nodes: ["node_modules/lodash"],
          fixAvailable: true,
        },
        async: {
          name: "async",
          severity: "high",
          via: ["lodash"],
          effects: [],
          nodes: [],
          fixAvailable: true,
        },
      },
      metadata: { vulnerabilities: { total: 2 } },
    }),
    empty: JSON.stringify({ auditReportVersion: 2, vulnerabilities: {}, metadata: {} }),
  },
  {
    format: "pnpm-audit",
    report: JSON.stringify({ actions: [], advisories: { 1106913: advisory }, muted: [], metadata: {} }),
    empty: JSON.stringify({ actions: [], advisories: {}, muted: [], metadata: {} }),
  },
  {
    format: "yarn-audit",
    report: lines(
      { type: "auditAdvisory", data: { resolution: { id: 1106913, path: "lodash" }, advisory } },
      {
        type: "auditAdvisory",
        data: {
          resolution: { id: 1106913, path: "x>lodash" },
          advisory: { ...advisory, findings: [{ version: "4.17.2", paths: ["x>lodash"] }] },
        },
      },
      { type: "auditSummary", data: { vulnerabilities: { high: 2 } } },
    ),
    empty: lines({ type: "auditSummary", data: { vulnerabilities: { high: 0 } } }),
  },
  {
    format: "yarn-audit",
    report: lines({
      value: "lodash",
      children: {
        ID: 1106913,
        Issue: "Command Injection in lodash",
        URL: "https://github.com/advisories/GHSA-35jh-r3h4-6jhm",
        Severity: "high",
        "Vulnerable Versions": "<4.17.21",
        "Tree Versions": ["4.17.1"],
        Dependents: ["shop@workspace:."],
      },
    }),
    empty: "",
  },
  {
    format: "cargo-audit",
    report: JSON.stringify({
      database: { "advisory-count": 700 },
      lockfile: { "dependency-count": 10 },
      vulnerabilities: {
        found: true,
        count: 1,
        list: [
          { advisory: rustAdvisory, versions: { patched: [">=0.2.23"], unaffected: [] }, package: time },
        ],
      },
      warnings: {
        yanked: [
          { kind: "yanked", package: { name: "old", version: "1.0.0" }, advisory: null, versions: null },
        ],
      },
    }),
    empty: JSON.stringify({ vulnerabilities: { found: false, count: 0, list: [] }, warnings: {} }),
  },
  {
    format: "osv-scanner",
    report: JSON.stringify({
      results: [
        {
          source: { path: "/workspace/pnpm-lock.yaml", type: "lockfile" },
          packages: [
            {
              package: { name: "lodash", version: "4.17.1", ecosystem: "npm" },
              vulnerabilities: [
                {
                  id: "GHSA-35jh-r3h4-6jhm",
                  aliases: ["CVE-2021-23337"],
                  summary: "Command Injection in lodash",
                  details: "`lodash` versions prior to 4.17.21 are vulnerable.",
                  affected: [
                    {
                      package: { name: "lodash" },
                      ranges: [{ events: [{ introduced: "0" }, { fixed: "4.17.21" }] }],
                    },
                    { package: { name: "lodash-es" }, ranges: [{ events: [{ fixed: "9.9.9" }] }] },
                  ],
                  database_specific: { severity: "MODERATE", cwe_ids: ["CWE-94"] },
                },
              ],
              groups: [{ ids: ["GHSA-35jh-r3h4-6jhm"], aliases: ["CVE-2021-23337"], max_severity: "7.2" }],
            },
          ],
        },
      ],
    }),
    empty: JSON.stringify({ results: [] }),
  },
  {
    format: "snyk",
    report: JSON.stringify({
      ok: false,
      packageManager: "pnpm",
      displayTargetFile: "pnpm-lock.yaml",
      vulnerabilities: [
        {
          id: "SNYK-JS-LODASH-1040724",
          title: "Command Injection",
          severity: "high",
          description: "## Overview",
          packageName: "lodash",
          version: "4.17.1",
          fixedIn: ["4.17.21"],
          identifiers: { CVE: ["CVE-2021-23337"], CWE: ["CWE-78"], GHSA: ["GHSA-35jh-r3h4-6jhm"] },
        },
      ],
    }),
    empty: JSON.stringify({ ok: true, vulnerabilities: [] }),
  },
  {
    format: "trivy",
    report: JSON.stringify({
      SchemaVersion: 2,
      ArtifactName: ".",
      Results: [
        trivyResult,
        {
          Target: "Dockerfile",
          Class: "config",
          Type: "dockerfile",
          Misconfigurations: [
            {
              ID: "DS002",
              Title: "Image user should not be 'root'",
              Message: "Specify at least 1 USER command in Dockerfile",
              Resolution: "Add a USER line",
              Severity: "HIGH",
              Status: "FAIL",
              CauseMetadata: { StartLine: 3, EndLine: 3 },
            },
            { ID: "DS001", Title: "x", Severity: "LOW", Status: "PASS" },
          ],
        },
        {
          Target: "keys.txt",
          Class: "secret",
          Secrets: [
            {
              RuleID: "aws-access-key-id",
              Severity: "CRITICAL",
              Title: "AWS Access Key ID",
              StartLine: 2,
              EndLine: 2,
              Match: "AKIA...",
            },
          ],
        },
        {
          Target: "Node.js",
          Class: "license",
          Type: "npm",
          Licenses: [
            { Severity: "CRITICAL", PkgName: "gpl-thing", FilePath: "", Name: "AGPL-3.0", Link: "" },
          ],
        },
      ],
    }),
    empty: JSON.stringify({ SchemaVersion: 2, ArtifactName: "." }),
  },
  {
    format: "gitleaks",
    report: JSON.stringify([
      {
        RuleID: "aws-access-token",
        Description: "Identified a pattern that may indicate AWS credentials.",
        StartLine: 4,
        EndLine: 4,
        Match: "AKIA-is-in-the-report",
        Secret: "AKIA-is-in-the-report",
        File: "src/keys.ts",
        Commit: "0123456789abcdef0123456789abcdef01234567",
        Entropy: 3.5,
      },
    ]),
    empty: "[]",
  },
  {
    format: "trufflehog",
    report: lines(
      { level: "info-0", ts: "2026-01-01T00:00:00Z", msg: "running source" },
      {
        SourceMetadata: { Data: { Filesystem: { file: "src/keys.ts", line: 4 } } },
        DetectorName: "AWS",
        DetectorDescription: "AWS is a cloud.",
        Verified: true,
        Raw: "AKIA-is-in-the-report",
      },
      {
        SourceMetadata: { Data: { Git: { file: "src/keys.ts", line: 9, commit: "0123" } } },
        DetectorName: "Github",
        Verified: false,
        VerificationError: "no such host",
        Raw: "AKIA-is-in-the-report",
      },
      {
        SourceMetadata: { Data: { Git: { file: "b.ts" } } },
        DetectorName: "Github",
        Verified: false,
        Raw: "x",
      },
    ),
    empty: "",
  },
];
