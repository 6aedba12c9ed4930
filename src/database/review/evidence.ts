import { visible } from "../../model/visible.ts";
import type { Evidence } from "../../model/evidence.ts";
import type { Finding, ReviewedMigration, ReviewOptions } from "./review.ts";
import { rules } from "./rules/rules.ts";
import { findingText } from "./text.ts";

/** Pass where code that is live goes on working with each; fail where it is known to break; else what a person has to settle. */
export function evidenceOf(
  migrations: readonly ReviewedMigration[],
  durationMs: number,
  { firstDeploy = false, repeat = "fairway migrations" }: Pick<ReviewOptions, "firstDeploy" | "repeat">,
): Evidence {
  const base = { name: "migrations", durationMs };
  const doubtful = firstDeploy
    ? migrations.filter(({ findings }) => findings.some(({ rule }) => rule === "unreadable"))
    : migrations.filter(holds);
  const told = firstDeploy ? doubtful : migrations;
  const details = told.flatMap(detailsOf).join("\n");
  const withDetails = { ...base, ...(details === "" ? {} : { details }) };
  if (doubtful.length === 0)
    return { ...withDetails, verdict: "pass", summary: passText(migrations, firstDeploy) };
  const breaking = doubtful.filter(({ liveCode }) => liveCode === "breaks");
  if (breaking.length > 0) {
    return {
      ...base,
      verdict: "fail",
      summary: `${namesOf(breaking)} would break code that is live`,
      details,
      repeat,
    };
  }
  return {
    ...withDetails,
    verdict: "insufficient",
    summary: `${count(doubtful.length)} ${doubtful.length === 1 ? "is" : "are"} not plainly safe for the code that is live`,
    missing: `A person has to decide on ${namesOf(doubtful)}; or write it as an expansion.`,
  };
}

/** Whether somebody has to look at it before it runs. What removes what nobody uses is for those who approve the plan. */
function holds({ phase, liveCode, findings }: ReviewedMigration): boolean {
  if (liveCode !== undefined || phase === "unknown") return true;
  return findings.some(
    (finding) => isGrave(finding) && !(phase === "contract" && removing.has(finding.rule)),
  );
}

const removing: ReadonlySet<string> = new Set(
  rules.flatMap(({ id, removes }) => (removes === true ? [id] : [])),
);

/** What was found, and whom it would break. */
function detailsOf({ path, findings, statements, liveCode }: ReviewedMigration): string[] {
  const breaking =
    liveCode === undefined
      ? []
      : statements.flatMap(({ line, effects }) =>
          effects.flatMap(({ oldCode }) =>
            oldCode.verdict === "works" ? [] : [visible(`${path}:${String(line)}: ${oldCode.because}`)],
          ),
        );
  return [...findings.map(findingText), ...breaking];
}

function namesOf(migrations: readonly ReviewedMigration[]): string {
  return migrations.map(({ name }) => visible(name)).join(", ");
}

function isGrave({ severity, allowed }: Finding): boolean {
  return (severity === "critical" || severity === "high") && allowed === null;
}

function passText(migrations: readonly ReviewedMigration[], firstDeploy: boolean): string {
  if (migrations.length === 0) return "no migrations to apply";
  if (firstDeploy) return `${count(migrations.length)}: no release serves from this database yet`;
  const texts: readonly [ReviewedMigration["phase"], string, string][] = [
    ["expand", "expands", "expand"],
    ["backfill", "writes rows", "write rows"],
    ["contract", "removes what nobody who is live uses", "remove what nobody who is live uses"],
  ];
  return texts
    .flatMap(([phase, one, more]) => {
      const found = migrations.filter((migration) => migration.phase === phase).length;
      return found === 0 ? [] : [`${count(found)} ${found === 1 ? one : more}`];
    })
    .join(", ");
}

function count(migrations: number): string {
  return migrations === 1 ? "1 migration" : `${String(migrations)} migrations`;
}
