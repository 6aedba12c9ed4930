import { type FindingPolicy, mergeFindings, treated } from "../../../src/findings/findings.ts";
import type { Evidence } from "../../../src/model/evidence.ts";
import type { JudgedFinding, ToolFinding } from "../../../src/model/finding.ts";
import type { CheckReport } from "../../../src/report/checks/checks.ts";
import { toolFinding, vulnerability } from "../../findings/examples.ts";

const policy: FindingPolicy = {
  severities: { critical: "block", high: "block", medium: "warn", low: "track", info: "track" },
  unverifiedSecrets: "block",
  sprint: { amount: 14, unit: "days" },
  suppressions: [],
  now: new Date("2026-12-01T12:00:00Z"),
  known: { since: () => null },
};

function judge(findings: readonly ToolFinding[]): JudgedFinding[] {
  return treated(mergeFindings(findings), policy);
}

export function reportOf(...evidence: readonly Evidence[]): CheckReport {
  return { evidence, command: "npx fairway" };
}

const base = { durationMs: 1234 };

export const passed: Evidence = { ...base, name: "lint", verdict: "pass", summary: "passed" };
export const failed: Evidence = {
  ...{ ...base, name: "unit", verdict: "fail", summary: "its step ended with exit code 1" },
  ...{ details: "greeting.test.js: expected hello", repeat: "npx fairway check --only unit" },
};
export const unsettled: Evidence = {
  ...{ ...base, name: "codeql", verdict: "insufficient", summary: "could not be run: no such image" },
  missing: "an engine that has it",
};

/** A scan whose findings are judged by severity. */
export function scan(name: string, findings: readonly ToolFinding[]): Evidence {
  const judged = judge(findings);
  const blocks = judged.some(({ treatment }) => treatment === "block");
  const found = { ...base, name, summary: `${String(judged.length)} found`, findings: judged };
  return blocks
    ? { ...found, verdict: "fail", details: "as the text says", repeat: `npx fairway check --only ${name}` }
    : { ...found, verdict: "pass" };
}

export const evalFound = toolFinding({ severity: "high", message: "eval of user input" });
export const lodash = vulnerability({
  rule: "CVE-2021-23337",
  severity: "critical",
  title: "Injection",
  tool: "trivy",
});

/** What runs, breaks out or calls somebody, wherever it is read. */
const evil = [
  "\u001b[31m\u0007\u009b2J\u202e\ud800\u0000",
  "</script></style><script>alert(1)</script><img src=x onerror=alert(2)>&'\"",
  "```\n</details> [a](javascript:b) @everyone #1 https://evil.example/ **b** | x |",
  "]]>-->",
  "\n::error file=x::pwned\n ::stop-commands::x\n##[add-mask]x\n%0A%25",
].join(" ");

/** Each of its texts is hostile, and one line has ten million characters. */
export function hostileReport(): CheckReport {
  const long = `${evil}${"x".repeat(10_000_000)}`;
  const everywhere: ToolFinding = toolFinding({
    ...{ severity: "critical", rule: evil, title: evil, message: long, tool: evil, toolVersion: evil },
    ...{ locations: [{ path: evil, line: 3, snippet: evil }], aliases: [evil], weaknesses: [evil] },
    ...{
      help: `javascript:${evil}`,
      package: { ecosystem: "npm", name: evil, versions: [evil], fixed: [evil] },
    },
  });
  const rest = { ...base, name: evil, summary: evil };
  return reportOf(
    { ...rest, verdict: "fail", details: long, repeat: evil },
    { ...rest, verdict: "insufficient", details: long, missing: long },
    { ...rest, verdict: "pass", details: long },
    scan("evil", [everywhere, { ...everywhere, rule: "other", severity: "medium" }]),
  );
}
