import {
  type FindingPolicy,
  mergeFindings,
  readReport,
  treated,
  writeSarif,
} from "../src/findings/findings.ts";

const policy: FindingPolicy = {
  unverifiedSecrets: "block",
  sprint: { amount: 14, unit: "days" },
  severities: { critical: "block", high: "block", medium: "warn", low: "track", info: "track" },
  suppressions: [
    { rule: "rule-7", path: "src/1*/**", reason: "known", owner: "ada@example.com", until: "2099-01-01" },
  ],
  now: new Date("2026-12-01T00:00:00Z"),
  known: { since: () => null },
};

/** Reads a report, merges, judges and writes it. */
export async function once(text: string): Promise<string> {
  const { findings } = await readReport("sarif", text, { lockfile: "" });
  return writeSarif(treated(mergeFindings(findings), policy), { complete: true, notifications: [] });
}

/** As a linter writes it: 200 rules, ten results a file, each with its place and its source. */
export function sarifOf(results: number): string {
  const rules = Array.from({ length: 200 }, (_, at) => ({
    id: `rule-${String(at)}`,
    shortDescription: { text: `What rule ${String(at)} is about` },
    helpUri: `https://rules.example/${String(at)}`,
    defaultConfiguration: { level: (["error", "warning", "note"] as const)[at % 3] },
    properties: { tags: ["external/cwe/cwe-079"] },
  }));
  const result = (_: unknown, at: number) => ({
    ...{ ruleId: `rule-${String(at % 200)}`, ruleIndex: at % 200 },
    message: { text: `Result ${String(at)}: a value of the user reaches a sink without a check between` },
    locations: [
      {
        physicalLocation: {
          artifactLocation: { uri: `src/${String(at % 97)}/file-${String(Math.floor(at / 10))}.ts` },
          region: {
            ...{ startLine: (at % 10) * 7 + 1, startColumn: 3, endColumn: 40 },
            snippet: { text: `sink(request.query.value${String(at)});` },
          },
        },
      },
    ],
  });
  const driver = { name: "bench", semanticVersion: "1.0.0", rules };
  const run = { tool: { driver }, results: Array.from({ length: results }, result) };
  return JSON.stringify({ version: "2.1.0", runs: [run] });
}

// In a process of its own its peak of memory is its own.
if (process.argv[1] === import.meta.filename) {
  const text = sarifOf(Number(process.argv[2]));
  const before = process.cpuUsage();
  const started = performance.now();
  const written = await once(text);
  const seconds = ((performance.now() - started) / 1000).toFixed(2);
  const { user, system } = process.cpuUsage(before);
  const ofProcessors = ((user + system) / 1e6).toFixed(2);
  const megabytes = Math.round(process.resourceUsage().maxRSS / 1024);
  process.stdout.write(
    `${seconds} s (${ofProcessors} s of processors), ${String(megabytes)} MB at most, ${String(Math.round(written.length / 1e6))} MB written`,
  );
}
