import { failure, type FairwayError } from "../model/errors.ts";
import type { Evidence } from "../model/evidence.ts";
import type { Progress } from "../model/progress.ts";
import { lastLines, outputOf, type Project, stepFailure, stopwatch } from "../steps/steps.ts";
import type { PlannedMigration } from "../model/plan.ts";
import { failedError, historyError, historyFaults, prismaOf, resolveRemedy } from "./history.ts";
import { type FailedMigration, type LiveDatabase, onLiveDatabase } from "./live.ts";
import { readStatus } from "./status.ts";
import { prismaStep, type PrismaStep, withEphemeralDatabase } from "./prisma-step.ts";

/**
 * Applies all pending migrations to a live database, with the repository's own Prisma. Prisma records what it did, and
 * holds a lock meanwhile, so that asking again after a crash applies only what is missing. Prisma itself passes over what
 * was edited or is missing here: that is refused first.
 * @param known what the ledger says of migrations that other releases have brought
 * @returns what Prisma printed.
 * @throws FairwayError MIGRATE_FAILED or MIGRATION_EDITED (exit 1), MIGRATION_FAILED_BEFORE or MIGRATION_MISSING (exit 3: a
 * person has to decide), DATABASE_UNREADABLE (exit 1).
 */
export async function migrateDeploy(
  project: Project,
  database: LiveDatabase,
  progress: Progress,
  known: readonly PlannedMigration[] = [],
): Promise<string> {
  const step = await prismaStep(project, progress);
  await requireAgreement(project, step, database, known);
  try {
    return await onLiveDatabase(step, database)
      .withExec(step.command("migrate", "deploy", "--schema", step.layout.schema))
      .stdout();
  } catch (error) {
    throw (await migrateFailure(error, project, step, database)) ?? error;
  }
}

async function requireAgreement(
  project: Project,
  step: PrismaStep,
  database: LiveDatabase,
  known: readonly PlannedMigration[],
): Promise<void> {
  const asked = { ...database, operationId: `${database.operationId}/before` };
  const { status, failed } = await readStatus(project, step, asked);
  const { migrationsPath } = step.layout;
  const error = historyError(
    historyFaults(status, failed, { migrationsPath, known, prisma: prismaOf(project, step) }),
  );
  if (error !== undefined) throw error;
}

/** Applies all migrations of the repository to an empty database that ends with the step. Named `rehearsal`. */
export function rehearseMigrations(project: Project, progress: Progress): Promise<Evidence> {
  return progress.task("rehearsal of the migrations", async (task) => {
    const watch = stopwatch();
    const step = await prismaStep(project, task);
    const { container } = withEphemeralDatabase(project, step, "rehearsal");
    const deployed = container.withExec(step.command("migrate", "deploy", "--schema", step.layout.schema));
    try {
      return {
        name: "rehearsal",
        ...(await watch.passed(deployed, task)),
        verdict: "pass",
        summary: "all migrations apply to an empty database",
      };
    } catch (error) {
      const failed = stepFailure(error);
      if (failed === undefined) throw error;
      const output = outputOf(failed);
      const name = nameIn(output);
      const summary = `${name === undefined ? "a migration" : `the migration ${name}`} fails on an empty database`;
      task.outcome("failed", summary);
      return {
        name: "rehearsal",
        durationMs: watch.durationMs(),
        verdict: "fail",
        summary,
        details: lastLines(output, 60),
        repeat: "npx fairway migrations",
      };
    }
  });
}

/**
 * Prisma's own words, and what its table says of the migration that failed where they do not hold it: with an adapter
 * that keeps PostgreSQL's message to itself it stands only there.
 */
async function migrateFailure(
  error: unknown,
  project: Project,
  step: PrismaStep,
  database: LiveDatabase,
): Promise<FairwayError | undefined> {
  const failed = stepFailure(error);
  if (failed === undefined) return undefined;
  const output = outputOf(failed);
  const recorded = await failedMigrations(project, step, {
    ...database,
    operationId: `${database.operationId}/after`,
  });
  const { migrationsPath } = step.layout;
  const prisma = prismaOf(project, step);
  if (/\bP3009\b/.test(output)) return failedError(recorded, { migrationsPath, prisma });
  const name = recorded[0]?.name ?? nameIn(output);
  const logs = recorded
    .map((migration) => migration.logs?.trim() ?? "")
    .filter((text) => text !== "" && !output.includes(text));
  return failure(name === undefined ? "the migrations were not applied" : `the migration ${name} failed`, {
    code: "MIGRATE_FAILED",
    place: name === undefined ? migrationsPath : `${migrationsPath}/${name}/migration.sql`,
    output: lastLines([output, ...logs].join("\n"), 60),
    ...(name === undefined ? {} : { remedy: resolveRemedy(name, prisma) }),
    cause: error,
  });
}

/** What the table says; nothing where it cannot be read, as then the first error is the one to tell. */
async function failedMigrations(
  project: Project,
  step: PrismaStep,
  database: LiveDatabase,
): Promise<readonly FailedMigration[]> {
  try {
    return (await readStatus(project, step, database)).failed;
  } catch {
    return [];
  }
}

/** The migration that Prisma names in an error: its classic engine in a sentence, its JavaScript engine in a trace. */
function nameIn(output: string): string | undefined {
  return /(?:Migration name: |migration_name=")([\w-]+)/.exec(output)?.[1];
}
