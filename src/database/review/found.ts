import { createHash } from "node:crypto";
import type { JudgedFinding, Treatment } from "../../model/finding.ts";
import { visible } from "../../model/visible.ts";
import type { Finding, MigrationReview, ReviewedMigration } from "./review.ts";
import { allRuleDocs } from "./rule-docs.ts";
import { insteadLines } from "./text.ts";

type Found = Pick<Finding, "rule" | "severity" | "what" | "sql" | "instead" | "allowed"> & {
  readonly line: number;
};

/**
 * What a review found, as the findings of scanners are: for reports that show places. Its verdict is the review's own: what is
 * grave blocks where that fails, and is told where a person has to decide.
 */
export function foundBy({ migrations, evidence }: MigrationReview): readonly JudgedFinding[] {
  const grave = evidence.verdict === "fail" ? "block" : "warn";
  return migrations.flatMap((migration) => {
    const seen = new Map<string, number>();
    return everythingIn(migration).map((found) => {
      const key = JSON.stringify([migration.name, found.rule, found.sql, found.what]);
      const nth = (seen.get(key) ?? 0) + 1;
      seen.set(key, nth);
      return judgedFinding(found, migration.path, `${key}${String(nth)}`, treatmentOf(found, grave));
    });
  });
}

/** Of rules, and of live code that no rule speaks of. */
function everythingIn({ findings, statements }: ReviewedMigration): Found[] {
  const ruled = findings.map((finding) => ({ ...finding, line: lineOf(finding) }));
  const lines = new Set(
    ruled.flatMap(({ line, severity, allowed }) => (isGrave(severity) && allowed === null ? [line] : [])),
  );
  const breaking = statements.flatMap(({ line, sql, effects }) =>
    lines.has(line)
      ? []
      : effects.flatMap(({ oldCode }) =>
          oldCode.verdict === "works"
            ? []
            : [
                {
                  ...({ rule: "live-code", severity: "high", what: oldCode.because } as const),
                  ...{ line, sql, instead: [], allowed: null },
                },
              ],
        ),
  );
  return [...ruled, ...breaking];
}

function treatmentOf({ severity, allowed }: Found, grave: Treatment): Treatment {
  if (allowed !== null) return "suppressed";
  if (isGrave(severity)) return grave;
  return severity === "medium" ? "warn" : "track";
}

function isGrave(severity: Finding["severity"]): boolean {
  return severity === "critical" || severity === "high";
}

function judgedFinding(
  { rule, severity, what, sql, line, instead, allowed }: Found,
  path: string,
  key: string,
  treatment: Treatment,
): JudgedFinding {
  const tool = "migrations";
  const title = allRuleDocs.find(({ id }) => id === rule)?.catches ?? "Code that is live may break";
  const snippet = sql === "" ? {} : { snippet: sql };
  return {
    ...{ kind: "code", severity, rule, title, treatment },
    message: [visible(what), ...insteadLines(instead)].join("\n"),
    locations: [{ path, line, ...snippet }],
    ...{ aliases: [], weaknesses: [] },
    fingerprints: [createHash("sha256").update(key).digest("hex")],
    witnesses: [{ tool, rule, severity }],
    ...(allowed === null
      ? {}
      : { suppressed: { by: "source", reason: allowed.reason }, because: allowed.reason }),
  };
}

/** The last number of `path:12`. */
function lineOf({ place }: Finding): number {
  return Number(/:(\d+)$/.exec(place)?.[1] ?? 1);
}
