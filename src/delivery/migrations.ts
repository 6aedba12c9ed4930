import type { File } from "@dagger.io/dagger";
import { FairwayError, isFairwayError, usageError } from "../model/errors.ts";
import type { Evidence } from "../model/evidence.ts";
import { requireEvidence } from "../release/gates/gates.ts";
import { readState, type EnvironmentState } from "../release/release.ts";
import type { PlannedMigration } from "../model/plan.ts";
import type { MigrationsReport } from "../report/migrations/migrations.ts";
import { foundBy, type LockForecast, locksEvidence, usesInAny, type Uses } from "../database/database.ts";
import { databaseOf, migrationEvidence, migrationFiles, plannedMigrations, reviewOf } from "./candidate.ts";
import type { Delivery } from "./delivery.ts";
import { lookAtDatabase, type LiveLook } from "./live-database.ts";
import { environmentNames, readEach } from "./environments.ts";
import { measuredLocks } from "./measured-locks.ts";
import { requireWhole } from "./whole.ts";
import { explainedRule, reportOf, type ReviewFormat } from "./reports.ts";
import { appliedUpTo, reviewSql, type SqlReviewOptions } from "./sql-review.ts";

export interface MigrationsOptions extends SqlReviewOptions {
  /** Read alone, whatever else the repository holds. */
  readonly file?: File | undefined;
  /** A rule that is explained instead, or `all`; empty for none. */
  readonly explain: string;
}

/**
 * Reviews the migrations of a repository; SQL alone where there is no fairway.yaml, or where one file is named.
 * @param environment the only one that is asked; `""` for all of them
 */
export async function migrations(
  delivery: Delivery,
  environment: string,
  options: MigrationsOptions,
  format: ReviewFormat,
): Promise<string> {
  const { explain, file, after, postgres, measure, database } = options;
  if (explain !== "") return explainedRule(delivery, explain, format);
  if (file === undefined && (await hasConfig(delivery))) {
    if ((after !== "" && !measure) || postgres !== 0)
      throw notWithConfig(postgres !== 0 ? "--postgres" : "--after");
    return reviewForEnvironments(delivery, environment, options, format);
  }
  if (database !== undefined && !measure)
    throw usageError("of SQL alone, a database is asked for the sizes of its tables alone", {
      code: "FLAG_WRONG",
      place: "--database",
      remedy: "Add --measure, or leave it away.",
    });
  if (environment !== "")
    throw usageError("SQL without fairway.yaml is of no environment", {
      code: "FLAG_WRONG",
      place: `--env ${environment}`,
      remedy: `${delivery.command} migrations`,
    });
  return reviewSql(delivery, file, options, format);
}

async function hasConfig({ definition, input }: Delivery): Promise<boolean> {
  return definition.file === null || (await input.source.exists(definition.file));
}

function notWithConfig(flag: string): Error {
  return usageError(`${flag} is for SQL without fairway.yaml: the ledger and the config say it here`, {
    code: "FLAG_WRONG",
    place: flag,
    remedy: "Leave it away; or read one file alone: --file FILE",
  });
}

/**
 * As the next deploys will: one that an environment has already is listed, and holds nothing; one that none has must go on with
 * the code that is live. Each deploy asks again, for its own environment.
 */
async function reviewForEnvironments(
  delivery: Delivery,
  environment: string,
  options: MigrationsOptions,
  format: ReviewFormat,
): Promise<string> {
  const { database, measure } = options;
  const flags = [
    ...(environment === "" ? [] : [`--env ${environment}`]),
    ...(database === undefined ? [] : ["--database env:URL"]),
  ];
  const again = [delivery.command, "migrations", ...flags].join(" ");
  const names = environment === "" ? null : await environmentNames(delivery, environment);
  await requireWhole(delivery);
  const ledgers = await reachOfAll(delivery, names);
  const live = database === undefined ? null : await lookAtDatabase(delivery, database, ledgers.known, again);
  const reach = live === null ? ledgers : reachOfDatabase(ledgers, live);
  const asked = live === null ? environment : theDatabase;
  const found = await migrationEvidence(delivery, reach);
  const locks = measure ? await locksOf(delivery, reach, options) : null;
  const measured = locks === null ? null : locksEvidence(locks, measureAgain(again, options));
  const evidence = [
    ...found.map((entry) => withUnread(entry, reach.unread)),
    ...(live === null ? [] : live.evidence),
    ...(measured === null ? [] : [measured]),
  ];
  const { migrations } = await reviewOf(delivery, reach);
  const planned = found.length === 0 ? [] : await plannedMigrations(delivery, reach);
  const report: MigrationsReport = {
    verdict: worstOf(evidence),
    summary: summaryOf(evidence),
    migrations,
    applied: planned.filter(({ name }) => reach.places.has(name)),
    evidence,
    ...(locks === null ? {} : { locks }),
    places: new Map(planned.map(({ name }) => [name, placesText(reach.places.get(name), asked)])),
    notes: [
      ...(reach.notYet.length === 0 ? [] : [notYetText(reach.notYet)]),
      ...(locks !== null && options.after === "" && reach.applied.length === 0 ? [emptyText] : []),
    ],
    command: delivery.command,
  };
  const answer = reportOf(format, report);
  try {
    requireEvidence(evidence, { subject: "the migrations", again });
  } catch (error) {
    throw isFairwayError(error) ? answered(error, answer) : error;
  }
  return answer;
}

const emptyText =
  "No environment is known to have any of the migrations: their tables were empty when the locks were measured.\n" +
  "Where a database has some already, --after MIGRATION names the last of them.";

function measureAgain(again: string, { after }: MigrationsOptions): string {
  return `${again} --measure${after === "" ? "" : ` --after ${after}`}`;
}

/** Those that the database has not: by the ledger, or by whoever says which of them is the last that it has. */
async function locksOf(
  delivery: Delivery,
  reach: MigrationReach,
  { after, database }: MigrationsOptions,
): Promise<LockForecast | null> {
  const config = (await delivery.config()).database;
  if (config === null) return null;
  const files = await migrationFiles(delivery);
  const applied = after === "" ? reach.applied : appliedUpTo(after, files);
  return measuredLocks(delivery, {
    project: await delivery.project(),
    earlier: files.filter(({ name }) => applied.includes(name)),
    migrations: files.filter(({ name }) => !applied.includes(name)),
    postgres: config.prisma.postgres,
    ...{ tables: config.tables, database, limitSeconds: config.lockLimitSeconds },
  });
}

/**
 * The review as a part of `check`; none where there is no database. What the files alone do not settle is asked of the ledgers:
 * an environment may have it already. Then whoever has the same files may get another answer.
 */
export async function checkedMigrations(
  delivery: Delivery,
): Promise<{ readonly evidence: readonly Evidence[]; readonly ofSourceAlone: boolean }> {
  if ((await delivery.config()).database === null) return { evidence: [], ofSourceAlone: true };
  // Each as a release of its own is the strictest that any environment can be.
  const alone = await reviewOf(delivery, { firstDeploy: false, applied: null });
  if (alone.evidence.verdict === "pass") {
    // What it advises besides is in the review itself.
    const { name, summary, durationMs } = alone.evidence;
    return { evidence: [{ name, verdict: "pass", summary, durationMs }], ofSourceAlone: true };
  }
  const reach = await reachOfAll(delivery, null);
  const review = await reviewOf(delivery, reach);
  // Where nobody is live, only what cannot be read is anything to look at.
  const migrations = reach.firstDeploy
    ? review.migrations.filter(({ findings }) => findings.some(({ rule }) => rule === "unreadable"))
    : review.migrations;
  const findings = foundBy({ ...review, migrations });
  return {
    evidence: [{ ...withUnread(review.evidence, reach.unread), findings }],
    ofSourceAlone: false,
  };
}

/** All that is missing is in the answer, which is printed beside it. */
function answered(error: FairwayError, answer: string): FairwayError {
  const { code, exitCode, remedy } = error;
  return new FairwayError(error.message, { code, exitCode, remedy, answer, cause: error });
}

function worstOf(evidence: readonly Evidence[]): Evidence["verdict"] {
  const verdicts = (["fail", "insufficient"] as const).find((verdict) =>
    evidence.some((entry) => entry.verdict === verdict),
  );
  return verdicts ?? "pass";
}

function summaryOf(evidence: readonly Evidence[]): string {
  const open = evidence.filter(({ verdict }) => verdict !== "pass");
  if (evidence.length === 0) return "There is no database, and no migrations.";
  return `${(open.length === 0 ? evidence : open).map(({ name, summary }) => `${name}: ${summary}`).join("; ")}.`;
}

/** How far the migrations have come, as far as the environments could be asked. */
export interface MigrationReach {
  /** True where it is known that no release serves from any database. */
  readonly firstDeploy: boolean;
  readonly applied: readonly string[];
  /** What code that is live in any of them uses; absent where not all could be asked. */
  readonly uses?: Uses;
  /** What the ledgers say of all that was applied. */
  readonly known: readonly PlannedMigration[];
  /** What the live database is made of, as statements; absent where it was not asked. */
  readonly schema?: readonly string[];
  /** By migration: the environments that have it. */
  readonly places: ReadonlyMap<string, readonly string[]>;
  /** Environments whose ledger could not be read: they may have live code. */
  readonly unread: readonly string[];
  /** Environments whose ledger has no place yet: no code of theirs is live. */
  readonly notYet: readonly string[];
}

type ReadState = Pick<EnvironmentState, "environment" | "hasServed" | "appliedMigrations">;

export function reachOf(
  states: readonly ReadState[],
  unread: readonly string[],
  notYet: readonly string[] = [],
): MigrationReach {
  const places = new Map<string, string[]>();
  for (const { environment, appliedMigrations } of states) {
    for (const { name } of appliedMigrations) places.set(name, [...(places.get(name) ?? []), environment]);
  }
  const isKnown = states.length > 0 && unread.length === 0;
  return {
    firstDeploy: isKnown && !states.some(({ hasServed }) => hasServed),
    applied: [...places.keys()],
    known: states.flatMap(({ appliedMigrations }) => appliedMigrations),
    places,
    unread,
    notYet,
  };
}

/** The database itself knows best which migrations it has; who uses it, the ledgers say. */
export function reachOfDatabase(
  ledgers: MigrationReach,
  { applied, schema, isEmpty }: Pick<LiveLook, "applied" | "schema" | "isEmpty">,
): MigrationReach {
  return {
    ...ledgers,
    // Somebody may serve from what Fairway has never deployed.
    firstDeploy: ledgers.firstDeploy && isEmpty,
    ...{ applied, schema },
    places: new Map(applied.map((name) => [name, [theDatabase]])),
  };
}

const theDatabase = "the database";

async function reachOfAll(delivery: Delivery, named: readonly string[] | null): Promise<MigrationReach> {
  const names = named ?? Object.keys((await delivery.config()).environments);
  const { found, unread, notYet } = await readEach(delivery, names, async (name) =>
    readState({ environment: name, ledger: await delivery.ledger(name) }),
  );
  const reach = reachOf(found, unread, notYet);
  // Somebody who could not be asked may use anything.
  if (found.length === 0 || unread.length > 0) return reach;
  const databases = await Promise.all(found.map((state) => databaseOf(delivery, state)));
  return { ...reach, uses: usesInAny(databases.flatMap(({ uses }) => (uses === undefined ? [] : [uses]))) };
}

/** What is held for want of knowledge says how to get it. */
function withUnread(evidence: Evidence, unread: readonly string[]): Evidence {
  if (evidence.verdict !== "insufficient" || evidence.name !== "migrations" || unread.length === 0)
    return evidence;
  const who = `${unread.join(" and ")} could not be asked, and may have them already`;
  return { ...evidence, missing: `${evidence.missing} ${who}: what keeps them from it is said above.` };
}

/** What the answer is about, where that is less than somebody may think. */
function notYetText(names: readonly string[]): string {
  return (
    `${names.join(" and ")} ${names.length === 1 ? "is" : "are"} not set up yet, so nothing of ${names.length === 1 ? "it" : "them"} is live ` +
    "and could break.\nEach deploy asks again, for its own environment."
  );
}

/** @param asked the only environment that was asked; `""` for all of them */
export function placesText(environments: readonly string[] = [], asked = ""): string {
  if (environments.length > 0) return `in ${environments.join(", ")}`;
  return asked === "" ? "in no environment" : `not in ${asked}`;
}
