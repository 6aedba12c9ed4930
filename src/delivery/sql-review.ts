import type { File, Secret } from "@dagger.io/dagger";
import {
  migrationFile,
  readSqlMigrations,
  reviewMigrations,
  type MigrationFile,
  type ReviewedMigration,
  type ReviewOptions,
} from "../database/database.ts";
import { visible } from "../model/visible.ts";
import { exitCodes, FairwayError, usageError } from "../model/errors.ts";
import { isGrave, type MigrationsReport } from "../report/migrations/migrations.ts";
import { refuseFairwaysOwnRepository, toolImages } from "../steps/steps.ts";
import { configMissing } from "./config-file.ts";
import type { Delivery } from "./delivery.ts";
import { measuredLocks } from "./measured-locks.ts";
import { reportOf, type ReviewFormat } from "./reports.ts";

export interface SqlReviewOptions {
  /** The last migration that is applied; empty: each is judged as a release of its own. */
  readonly after: string;
  /** The server's major version; 0 where nobody said it. */
  readonly postgres: number;
  /** Measures the locks of those that are not applied. */
  readonly measure: boolean;
  /** A live database that is only read. */
  readonly database?: Secret | undefined;
}

/**
 * Reviews SQL and asks nothing else: no database, no ledger.
 * @param file the only one that is read; else all migrations of the source
 * @throws FairwayError MIGRATIONS_UNSAFE (exit 1) where something breaks or is grave, MIGRATIONS_UNDECIDED (exit 3) where a person has to decide
 */
export async function reviewSql(
  delivery: Delivery,
  file: File | undefined,
  { after, postgres, measure, database }: SqlReviewOptions,
  format: ReviewFormat,
): Promise<string> {
  if (postgres !== 0 && (postgres < 9 || postgres > 99))
    throw usageError(`PostgreSQL has no major version ${String(postgres)}`, {
      code: "FLAG_WRONG",
      place: "--postgres",
      remedy: "Name it as the server does: --postgres 16",
    });
  if (file !== undefined && after !== "")
    throw usageError("one file has none before it", { code: "FLAG_WRONG", place: "--after" });
  if (measure && after === "") throw nothingBefore(file);
  const files = file === undefined ? await filesOf(delivery) : [await alone(file)];
  const { migrations, evidence } = await reviewMigrations(files, {
    isWhole: file === undefined,
    ...(after === "" ? {} : { applied: appliedUpTo(after, files) }),
    ...(postgres === 0 ? {} : { postgres }),
    today: delivery.clock.now(),
    repeat: `${delivery.command} migrations`,
  } satisfies ReviewOptions);
  const applied = after === "" ? [] : appliedUpTo(after, files);
  const locks = measure
    ? await measuredLocks(delivery, {
        project: { client: delivery.dag, images: toolImages({}) },
        earlier: files.filter(({ name }) => applied.includes(name)),
        migrations: files.filter(({ name }) => !applied.includes(name)),
        postgres: String(postgres === 0 ? 17 : postgres),
        ...{ tables: {}, database, limitSeconds: null },
      })
    : null;
  const grave = migrations.filter(
    // What nobody could analyse is for a person, whatever else is in it.
    ({ phase, findings, liveCode }) =>
      liveCode === "breaks" || (phase !== "unknown" && findings.some(isFault)),
  );
  const verdict = grave.length > 0 ? "fail" : evidence.verdict;
  const summary =
    grave.length > 0
      ? `${graveText(grave)} (${String(grave.length)} of ${String(migrations.length)}).`
      : `${evidence.summary}.`;
  const report: MigrationsReport = {
    ...{ verdict, summary, migrations, evidence: [evidence], command: delivery.command },
    applied: [],
    ...(locks === null ? {} : { locks }),
    places: new Map(),
    notes: [sourceNote(file, after)],
  };
  const answer = reportOf(format, report);
  if (verdict === "pass") return answer;
  throw new FairwayError(`migrations: ${summary.replace(/\.$/, "")}`, {
    code: verdict === "fail" ? "MIGRATIONS_UNSAFE" : "MIGRATIONS_UNDECIDED",
    exitCode: verdict === "fail" ? exitCodes.failed : exitCodes.held,
    answer,
    remedy:
      'Take the steps that are named; or say why it is wanted, above the statement:\n-- fairway:allow RULE reason="..." until=2027-01-31',
  });
}

function nothingBefore(file: File | undefined): Error {
  return usageError("locks are measured on what the migrations before have made", {
    code: "FLAG_WRONG",
    place: "--measure",
    remedy:
      file === undefined
        ? "Say with --after which of them is the last that is applied."
        : "Read the directory that it is in: --source DIR --after MIGRATION",
  });
}

function graveText(migrations: readonly ReviewedMigration[]): string {
  const breaking = migrations.filter(({ liveCode }) => liveCode === "breaks");
  const [first, ...others] = breaking.length > 0 ? breaking : migrations;
  const names = `${visible(first?.name ?? "")}${others.length === 0 ? "" : ` and ${String(others.length)} more`}`;
  if (breaking.length > 0) return `${names} would break code that is live`;
  return `${names} ${others.length === 0 ? "has" : "have"} critical or high findings that nobody allowed`;
}

/** What could not be read or analysed is for a person; it is no fault that is known. */
function isFault(finding: Parameters<typeof isGrave>[0]): boolean {
  return isGrave(finding) && finding.rule !== "unreadable" && finding.rule !== "not-analysed";
}

/** @throws FairwayError CONFIG_MISSING (exit 2) where there is neither fairway.yaml nor SQL */
async function filesOf({ input: { source } }: Delivery): Promise<MigrationFile[]> {
  if (await source.exists("package.json"))
    refuseFairwaysOwnRepository(await source.file("package.json").contents());
  const files = await readSqlMigrations(source);
  if (files.length === 0)
    throw configMissing("there is neither a fairway.yaml nor a .sql file of a migration");
  return files;
}

async function alone(file: File): Promise<MigrationFile> {
  const [name, sql] = await Promise.all([file.name(), file.contents()]);
  return migrationFile(name.replace(/\.sql$/i, ""), name, sql);
}

export function appliedUpTo(after: string, files: readonly MigrationFile[]): string[] {
  const at = files.findIndex(({ name, path }) => name === after || path === after);
  if (at >= 0) return files.slice(0, at + 1).map(({ name }) => name);
  throw usageError(`there is no migration ${JSON.stringify(after)}`, {
    code: "MIGRATION_UNKNOWN",
    place: "--after",
    output: files
      .slice(-5)
      .map(({ name }) => name)
      .join("\n"),
    remedy: "Name it as its folder or file is named, without .sql.",
  });
}

function sourceNote(file: File | undefined, after: string): string {
  if (file !== undefined) return "One file alone: what was there before it is not known.";
  return after === ""
    ? "Without fairway.yaml: each is judged as a release of its own, after all those before it."
    : `Without fairway.yaml: those after ${after} are judged together, as one release.`;
}
