import { describe, expect, it } from "vitest";
import { foundBy, reviewMigrations } from "../../../src/database/database.ts";
import type { Evidence } from "../../../src/model/evidence.ts";
import { checkReport } from "../../../src/report/checks/checks.ts";
import { reportOf } from "./reports.ts";

const files = (sql: string) => [
  { name: "1_first", path: "prisma/migrations/1_first/migration.sql", sql: "CREATE TABLE orders (id int);" },
  { name: "2_next", path: "prisma/migrations/2_next/migration.sql", sql },
];

const used = { state: "used", by: ["1.4.0 (live)"] } as const;

/** @param uses whether it is known that live code uses it */
async function evidenceOf(sql: string, uses = true): Promise<Evidence> {
  const known = { table: () => used, column: () => used, type: () => used };
  const review = await reviewMigrations(files(sql), {
    applied: ["1_first"],
    ...(uses ? { uses: known } : {}),
  });
  return { ...review.evidence, findings: foundBy(review) };
}

const dropped = "-- nobody needs it\nDROP TABLE orders;\n";

interface Sarif {
  readonly runs: readonly [
    {
      readonly results: readonly {
        readonly ruleId: string;
        readonly level: string;
        readonly locations: readonly {
          readonly physicalLocation: {
            readonly artifactLocation: { readonly uri: string };
            readonly region: { readonly startLine: number };
          };
        }[];
      }[];
      readonly invocations: readonly [{ readonly toolExecutionNotifications: readonly unknown[] }];
    },
  ];
}

describe("what the review of migrations found, in the reports of a check", () => {
  it("is in SARIF once, with its file, line, rule and severity", async () => {
    const [run] = (JSON.parse(checkReport("sarif", reportOf(await evidenceOf(dropped)))) as Sarif).runs;
    const results = run.results.filter(({ ruleId }) => ruleId === "drop-table");
    expect(results).toMatchObject([{ level: "error" }]);
    expect(results[0]?.locations[0]?.physicalLocation).toMatchObject({
      artifactLocation: { uri: "prisma/migrations/2_next/migration.sql" },
      region: { startLine: 2 },
    });
    expect(run.invocations[0].toolExecutionNotifications).toEqual([]);
  });

  it("is an annotation of its line at GitHub, and an issue of its line at GitLab", async () => {
    const report = reportOf(await evidenceOf(dropped));
    const annotations = checkReport("github", report)
      .split("\n")
      .filter((line) => line.startsWith("::"));
    expect(annotations).toHaveLength(1);
    expect(annotations[0]).toMatch(
      /^::error file=prisma\/migrations\/2_next\/migration\.sql,line=2,endLine=2,title=/,
    );
    expect(annotations[0]).toContain("drop-table");
    expect(JSON.parse(checkReport("gitlab", report))).toMatchObject([
      {
        ...{ check_name: "drop-table", severity: "blocker" },
        location: { path: "prisma/migrations/2_next/migration.sql", lines: { begin: 2 } },
      },
      { check_name: "lock-timeout-missing", severity: "minor" },
    ]);
  });

  it("says what an exception allows as suppressed, and the live code that it breaks all the same", async () => {
    const evidence = await evidenceOf(`-- fairway:allow drop-table reason="nobody reads it"\n${dropped}`);
    expect(evidence.findings?.map(({ rule, treatment }) => [rule, treatment])).toEqual([
      ["drop-table", "suppressed"],
      ["lock-timeout-missing", "track"],
      ["live-code", "block"],
    ]);
  });

  it("is a warning at its line where a person has to decide, beside what is to be decided", async () => {
    const evidence = await evidenceOf(dropped, false);
    expect(evidence.verdict).toBe("insufficient");
    const annotations = checkReport("github", reportOf(evidence))
      .split("\n")
      .filter((line) => line.startsWith("::"));
    expect(annotations.map((line) => /^::(\w+) (file|title)=/.exec(line)?.slice(1))).toEqual([
      ["error", "title"],
      ["warning", "file"],
    ]);
    expect(annotations[0]).not.toContain("drop-table");
  });
});
