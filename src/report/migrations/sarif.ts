import { createHash } from "node:crypto";
import {
  againstLimit,
  allRuleDocs,
  heldText,
  type Finding,
  type LockForecast,
  type ReviewedMigration,
  type RuleDoc,
} from "../../database/database.ts";
import { sarifFingerprints, sarifLevel, sarifLog, sarifPlace } from "../../findings/findings.ts";
import { visible } from "../../model/visible.ts";
import { ruleMarkdown, ruleText } from "./explain.ts";
import { lineOf, type MigrationsReport } from "./reviewed.ts";

export function migrationsSarif({ migrations, evidence, locks }: MigrationsReport): string {
  const unsettled = evidence.filter(({ name, verdict }) => name !== "migrations" && verdict !== "pass");
  const isLimited = locks !== undefined && locks.limitSeconds !== null;
  return sarifLog({
    rules: [...allRuleDocs.map(descriptor), ...(isLimited ? [lockLimit] : [])],
    complete: true,
    notifications: unsettled.map(({ name, summary, verdict }) => ({
      level: verdict === "fail" ? "error" : "warning",
      text: `${name}: ${summary}`,
    })),
    results: [...migrations.flatMap(resultsOf), ...(locks === undefined ? [] : lockResults(locks))],
  });
}

function descriptor(rule: RuleDoc) {
  return {
    id: rule.id,
    shortDescription: { text: rule.catches },
    fullDescription: { text: rule.why },
    help: { text: ruleText(rule), markdown: ruleMarkdown(rule) },
    defaultConfiguration: { level: sarifLevel(rule.severity) },
    properties: { severity: rule.severity, tags: ["migrations", "postgresql"] },
  };
}

/** No rule of the review: it is known only where somebody measured and set a limit. */
const lockLimit = {
  id: "lock-limit",
  shortDescription: { text: "A lock keeps readers or writers waiting for longer than lockLimitSeconds" },
  fullDescription: { text: "By a forecast for the real tables, from measurements at three sizes." },
  help: { text: "It is judged by `fairway migrations --measure` alone, where fairway.yaml has a limit." },
  defaultConfiguration: { level: "error" },
  properties: { tags: ["migrations", "postgresql"] },
} as const;

function lockResults({ transactions, limitSeconds }: LockForecast) {
  if (limitSeconds === null) return [];
  return transactions.flatMap(({ path, held }) =>
    held.flatMap((lock) => {
      const standing = againstLimit(lock, limitSeconds * 1000);
      if (standing === "within") return [];
      const key = [path, lockLimit.id, lock.table].join("\n");
      const fingerprint = `${createHash("sha256").update(key).digest("hex").slice(0, 32)}:1`;
      return [
        {
          ruleId: lockLimit.id,
          ruleIndex: allRuleDocs.length,
          level: standing === "over" ? "error" : "warning",
          message: { text: visible(`${heldText(lock)}; the limit is ${String(limitSeconds)} s`) },
          locations: [sarifPlace({ path, line: lock.line })],
          partialFingerprints: sarifFingerprints("fairwayStatement/v1", fingerprint),
        },
      ];
    }),
  );
}

function resultsOf(migration: ReviewedMigration) {
  const seen = new Map<string, number>();
  return migration.findings.map((finding) => {
    const key = [migration.name, finding.rule, finding.sql, finding.what].join("\n");
    const nth = (seen.get(key) ?? 0) + 1;
    seen.set(key, nth);
    return result(
      finding,
      migration.path,
      `${createHash("sha256").update(key).digest("hex").slice(0, 32)}:${String(nth)}`,
    );
  });
}

/** @param fingerprint of what is said and of which statement, not of its line: it stays the same when lines are added above */
function result(finding: Finding, path: string, fingerprint: string) {
  const { rule, severity, what, sql, instead, allowed } = finding;
  const ruleIndex = allRuleDocs.findIndex(({ id }) => id === rule);
  const steps = instead.map(
    (step, index) => `${String(index + 1)}. ${"release" in step ? `release ${step.release}` : step.sql}`,
  );
  return {
    ruleId: rule,
    ...(ruleIndex < 0 ? {} : { ruleIndex }),
    level: sarifLevel(severity),
    message: { text: [what, ...(steps.length === 0 ? [] : ["Instead:", ...steps])].join("\n") },
    locations: [sarifPlace({ path, line: lineOf(finding), ...(sql === "" ? {} : { snippet: sql }) })],
    partialFingerprints: sarifFingerprints("fairwayStatement/v1", fingerprint),
    ...(allowed === null
      ? {}
      : { suppressions: [{ kind: "inSource", status: "accepted", justification: allowed.reason }] }),
    properties: { severity },
  };
}
