import fc from "fast-check";
import { findingKinds, severities, verifications, type ToolFinding } from "../../src/model/finding.ts";

/** A finding of which a test says only what it is about. */
export function toolFinding(facts: Partial<ToolFinding> = {}): ToolFinding {
  return {
    ...{
      kind: "code",
      severity: "medium",
      rule: "no-eval",
      title: "eval of a value",
      message: "eval is used",
    },
    ...{ locations: [{ path: "src/app.ts", line: 3 }], aliases: [], weaknesses: [], tool: "semgrep" },
    ...facts,
  };
}

export function vulnerability(facts: Partial<ToolFinding> & { readonly rule: string }): ToolFinding {
  return toolFinding({
    kind: "vulnerability",
    locations: [{ path: "pnpm-lock.yaml" }],
    package: { ecosystem: "npm", name: "lodash", versions: ["4.17.1"], fixed: ["4.17.21"] },
    ...facts,
  });
}

const text = fc.string({ unit: "binary", maxLength: 40 });
const word = fc.stringMatching(/^[a-z][a-z0-9./-]{0,12}$/);
const cve = fc.integer({ min: 1000, max: 1030 }).map((number) => `CVE-2024-${String(number)}`);
const ghsa = fc.constantFrom("GHSA-2222-3333-4444", "GHSA-cfgh-jmpq-rvwx");
const optional = <T>(value: fc.Arbitrary<T>, name: string) =>
  fc.option(value, { nil: undefined }).map((found) => (found === undefined ? {} : { [name]: found }));

const location = fc
  .tuple(
    word.map((path) => ({ path })),
    optional(fc.integer({ min: 1, max: 40 }), "line"),
    optional(word, "image"),
  )
  .map((parts) => Object.assign({}, ...parts) as ToolFinding["locations"][number]);

const affected = fc.record({
  ecosystem: fc.constantFrom("npm", "cargo"),
  name: fc.constantFrom("lodash", "minimist", "serde"),
  versions: fc.uniqueArray(fc.constantFrom("1.0.0", "2.0.0"), { maxLength: 2 }),
  fixed: fc.uniqueArray(fc.constantFrom("1.0.1", "2.0.1"), { maxLength: 2 }),
});

/** Anything that a reader may answer: small alphabets, so that some are the same fault. */
export const toolFindings: fc.Arbitrary<ToolFinding[]> = fc.array(
  fc
    .tuple(
      fc.record({
        kind: fc.constantFrom(...findingKinds),
        severity: fc.constantFrom(...severities),
        title: text,
        message: text,
        locations: fc.array(location, { maxLength: 2 }),
        aliases: fc.uniqueArray(fc.oneof(cve, ghsa), { maxLength: 3 }),
        weaknesses: fc.constantFrom([], ["CWE-79"], ["CWE-20", "CWE-79"]),
        rule: fc.oneof(cve, word),
        tool: fc.constantFrom("trivy", "grype", "osv-scanner"),
      }),
      optional(affected, "package"),
      optional(fc.constantFrom(...verifications), "verification"),
      optional(fc.constant("1.2.3"), "toolVersion"),
      optional(fc.constant("https://docs.example/rule"), "help"),
      optional(fc.record({ by: fc.constantFrom("source", "tool"), reason: text }), "suppressed"),
    )
    .map((parts) => Object.assign({}, ...parts) as ToolFinding),
  { maxLength: 12 },
);
