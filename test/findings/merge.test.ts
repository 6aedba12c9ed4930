import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { mergeFindings } from "../../src/findings/findings.ts";
import { toolFinding, toolFindings, vulnerability } from "./examples.ts";

describe("one finding for one fault", () => {
  it("the same vulnerability of the same package is one, with everyone who saw it, by its best known name", () => {
    const [finding, ...others] = mergeFindings([
      vulnerability({ rule: "GHSA-2222-3333-4444", tool: "npm audit", severity: "high" }),
      vulnerability({
        rule: "CVE-2024-1001",
        tool: "trivy",
        severity: "medium",
        locations: [{ path: "app/x", image: "api" }],
      }),
      vulnerability({
        rule: "RUSTSEC-2024-0001",
        tool: "osv-scanner",
        aliases: ["CVE-2024-1001", "GHSA-2222-3333-4444"],
      }),
    ]);
    expect(others).toEqual([]);
    expect(finding).toMatchObject({
      rule: "CVE-2024-1001",
      severity: "high",
      aliases: ["CVE-2024-1001", "GHSA-2222-3333-4444", "RUSTSEC-2024-0001"],
      locations: [{ path: "pnpm-lock.yaml" }, { path: "app/x", image: "api" }],
      witnesses: [{ tool: "npm audit" }, { tool: "osv-scanner" }, { tool: "trivy", rule: "CVE-2024-1001" }],
    });
  });

  it("the same vulnerability of two packages is two", () => {
    const other = { ecosystem: "npm", name: "lodash-es", versions: ["4.17.1"], fixed: [] };
    const one = vulnerability({ rule: "CVE-2024-1001" });
    expect(mergeFindings([one, { ...one, package: other }])).toHaveLength(2);
  });

  it("a secret that two scanners see in one line is one, whatever they call it; in another line it is another", () => {
    const secret = (tool: string, rule: string, line: number) =>
      toolFinding({ kind: "secret", tool, rule, locations: [{ path: "a.ts", line }] });
    const found = mergeFindings([
      secret("gitleaks", "aws-access-token", 4),
      secret("secretlint", "@secretlint/aws", 4),
      secret("gitleaks", "aws-access-token", 9),
    ]);
    expect(found.map(({ witnesses }) => witnesses.map(({ tool }) => tool))).toEqual([
      ["gitleaks", "secretlint"],
      ["gitleaks"],
    ]);
  });

  it("what one tool suppresses and another does not, is not suppressed", () => {
    const suppressed = { by: "source", reason: "test data" } as const;
    const one = vulnerability({ rule: "CVE-2024-1001", tool: "a", suppressed });
    expect(mergeFindings([one])[0]?.suppressed).toEqual(suppressed);
    expect(
      mergeFindings([one, { ...vulnerability({ rule: "CVE-2024-1001", tool: "b" }) }])[0],
    ).not.toHaveProperty("suppressed");
  });
});

describe("known again", () => {
  const source = "a();\n\n  eval(x);\nb();\neval(x);\n";
  const at = (line: number) => toolFinding({ locations: [{ path: "src/app.ts", line }] });
  const names = (text: string, ...lines: readonly number[]) =>
    mergeFindings(lines.map(at), () => text).map(({ fingerprints }) => fingerprints[0]);

  it("after lines above it, and another indentation", () => {
    const moved = `// new\n// lines\n${source.replace("  eval", "\teval")}`;
    expect(names(moved, 5, 7)).toEqual(names(source, 3, 5));
  });

  it("the second of two that look the same is another one", () => {
    expect(new Set(names(source, 3, 5)).size).toBe(2);
  });

  it("and not where the code is another", () => {
    expect(names(source.replaceAll("eval(x)", "eval(y)"), 3)).not.toEqual(names(source, 3));
  });

  it("a vulnerability by any of its names, after an update to another vulnerable version", () => {
    const [before] = mergeFindings([vulnerability({ rule: "GHSA-2222-3333-4444" })]);
    const [after] = mergeFindings([
      vulnerability({
        rule: "CVE-2024-1001",
        aliases: ["GHSA-2222-3333-4444"],
        package: { ecosystem: "npm", name: "lodash", versions: ["4.17.2"], fixed: [] },
      }),
    ]);
    expect(after?.fingerprints).toContain(before?.fingerprints[0]);
  });

  it("nothing of a secret's own text is in what it is known by", () => {
    const secret = toolFinding({ kind: "secret", locations: [{ path: "a.ts", line: 1 }] });
    const one = mergeFindings([secret], () => "key = AKIA1");
    expect(mergeFindings([secret], () => "key = AKIA2")[0]?.fingerprints).toEqual(one[0]?.fingerprints);
  });
});

it("the order of the reports does not matter, and nobody who saw something is lost", () => {
  fc.assert(
    fc.property(toolFindings, fc.infiniteStream(fc.nat()), (findings, order) => {
      const shuffled = findings
        .map((finding) => ({ finding, key: order.next().value as number }))
        .sort((one, other) => one.key - other.key)
        .map(({ finding }) => finding);
      const merged = mergeFindings(findings);
      expect(mergeFindings(shuffled).map(({ fingerprints }) => [...fingerprints].sort())).toEqual(
        merged.map(({ fingerprints }) => [...fingerprints].sort()),
      );
      const seen = new Set(
        merged.flatMap(({ witnesses }) => witnesses.map(({ tool, rule }) => `${tool} ${rule}`)),
      );
      expect(seen).toEqual(new Set(findings.map(({ tool, rule }) => `${tool} ${rule}`)));
    }),
  );
});
