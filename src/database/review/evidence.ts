import type { Evidence } from "../../model/evidence.ts";
import type { Finding, ReviewedMigration } from "./review.ts";
import { findingText } from "./text.ts";

/** Pass where old code goes on working with each and nothing grave was found; else what a person has to decide. */
export function evidenceOf(
  migrations: readonly ReviewedMigration[],
  durationMs: number,
  firstDeploy: boolean,
): Evidence {
  const base = { name: "migrations", durationMs };
  const doubtful = firstDeploy
    ? migrations.filter(({ findings }) => findings.some(({ rule }) => rule === "unreadable"))
    : migrations.filter(holds);
  const told = firstDeploy ? doubtful : migrations;
  const details = told.flatMap(({ findings }) => findings.map(findingText)).join("\n");
  if (doubtful.length === 0)
    return {
      ...base,
      verdict: "pass",
      summary: passText(migrations, firstDeploy),
      ...(details === "" ? {} : { details }),
    };
  return {
    ...base,
    verdict: "insufficient",
    summary: `${count(doubtful.length)} ${doubtful.length === 1 ? "is" : "are"} not plainly safe for the code that is live`,
    missing: `A person has to decide on ${doubtful.map(({ name }) => name).join(", ")}; or write it as an expansion.`,
    ...(details === "" ? {} : { details }),
  };
}

/** Whether somebody has to look at it before it runs. */
export function holds({ phase, findings }: ReviewedMigration): boolean {
  return phase === "unknown" || phase === "contract" || findings.some(isGrave);
}

function isGrave({ severity, allowed }: Finding): boolean {
  return (severity === "critical" || severity === "high") && allowed === null;
}

function passText(migrations: readonly ReviewedMigration[], firstDeploy: boolean): string {
  if (migrations.length === 0) return "no migrations to apply";
  if (firstDeploy) return `${count(migrations.length)}: no release serves from this database yet`;
  const backfills = migrations.filter(({ phase }) => phase === "backfill").length;
  const expands = migrations.length - backfills;
  return [
    ...(expands === 0 ? [] : [`${count(expands)} ${expands === 1 ? "expands" : "expand"}`]),
    ...(backfills === 0 ? [] : [`${count(backfills)} ${backfills === 1 ? "writes" : "write"} rows`]),
  ].join(", ");
}

function count(migrations: number): string {
  return migrations === 1 ? "1 migration" : `${String(migrations)} migrations`;
}
