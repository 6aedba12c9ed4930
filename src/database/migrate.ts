import type { Secret } from "@dagger.io/dagger";
import { failure, type FairwayError, held } from "../model/errors.ts";
import type { Evidence } from "../model/evidence.ts";
import type { Progress } from "../model/progress.ts";
import { epochSeconds, lastLines, outputOf, type Project, ranSince, stepFailure } from "../steps/steps.ts";
import { prismaStep, type PrismaStep, withEphemeralDatabase } from "./prismaStep.ts";

export interface LiveDatabase {
  /** The database's URL; the step gets it in the variable that Prisma reads. */
  readonly url: Secret;
  /** The journal's id of the operation: what looks at or changes a live database must not come from the cache. */
  readonly operationId: string;
}

/**
 * Applies all pending migrations to a live database, with the repository's own Prisma. Prisma records what it did, and
 * holds a lock meanwhile, so that asking again after a crash applies only what is missing.
 * @returns what Prisma printed.
 * @throws FairwayError MIGRATE_FAILED (exit 1), or MIGRATION_FAILED_BEFORE (exit 3: a person has to resolve it).
 */
export async function migrateDeploy(
  project: Project,
  database: LiveDatabase,
  progress: Progress,
): Promise<string> {
  const step = await prismaStep(project, progress);
  try {
    return await onLiveDatabase(step, database)
      .withExec(step.command("migrate", "deploy", "--schema", step.layout.schema))
      .stdout();
  } catch (error) {
    throw migrateFailure(error, step) ?? error;
  }
}

/** Applies all migrations of the repository to an empty database that ends with the step. Named `rehearsal`. */
export function rehearseMigrations(project: Project, progress: Progress): Promise<Evidence> {
  return progress.task("rehearsal of the migrations", async (task) => {
    const started = performance.now();
    const since = epochSeconds();
    const step = await prismaStep(project, task);
    const { container } = withEphemeralDatabase(project, step, "rehearsal");
    const base = () => ({ name: "rehearsal", durationMs: Math.round(performance.now() - started) });
    try {
      const done = await container
        .withExec(step.command("migrate", "deploy", "--schema", step.layout.schema))
        .sync();
      const cached = !(await ranSince(done, since));
      if (cached) task.outcome("cached");
      return {
        ...base(),
        ...(cached ? { durationMs: 0, cached } : {}),
        verdict: "pass",
        summary: "all migrations apply to an empty database",
      };
    } catch (error) {
      const failed = stepFailure(error);
      if (failed === undefined) throw error;
      task.outcome("failed", "a migration fails on an empty database");
      return {
        ...base(),
        verdict: "fail",
        summary: "a migration fails on an empty database",
        details: lastLines(outputOf(failed), 60),
        repeat: "npx fairway migrations",
      };
    }
  });
}

export function onLiveDatabase(step: PrismaStep, { url, operationId }: LiveDatabase) {
  return step.container
    .withEnvVariable("FAIRWAY_OPERATION", operationId)
    .withSecretVariable(step.database.prisma.url, url);
}

function migrateFailure(error: unknown, { layout }: PrismaStep): FairwayError | undefined {
  const failed = stepFailure(error);
  if (failed === undefined) return undefined;
  const output = outputOf(failed);
  const name = /(?:Migration name: |The `)([\w-]+)(?:` migration started)?/.exec(output)?.[1];
  if (/\bP3009\b/.test(output))
    return failedBefore(name === undefined ? [] : [{ name, logs: null }], layout.migrationsPath);
  return failure(
    name === undefined ? "the migrations were not applied" : `the migration ${name} was not applied`,
    {
      code: "MIGRATE_FAILED",
      place: name === undefined ? layout.migrationsPath : `${layout.migrationsPath}/${name}/migration.sql`,
      output: lastLines(output, 40),
      ...(name === undefined ? {} : { remedy: resolveRemedy(name) }),
      cause: error,
    },
  );
}

export interface FailedMigration {
  readonly name: string;
  /** What PostgreSQL said, where Prisma kept it. */
  readonly logs: string | null;
}

/** A migration that failed before stops all further ones until a person has looked at the database. */
export function failedBefore(failed: readonly FailedMigration[], migrationsPath: string): FairwayError {
  const names = failed.map(({ name }) => name);
  return held(
    `a migration failed before and was not resolved${names.length === 0 ? "" : `: ${names.join(", ")}`}`,
    {
      code: "MIGRATION_FAILED_BEFORE",
      place: names[0] === undefined ? migrationsPath : `${migrationsPath}/${names[0]}/migration.sql`,
      ...(failed.some(({ logs }) => logs !== null)
        ? { output: failed.map(({ logs }) => lastLines(logs ?? "", 20)).join("\n") }
        : {}),
      remedy: resolveRemedy(names[0] ?? "<migration>"),
    },
  );
}

function resolveRemedy(name: string): string {
  return (
    "Look at the database. When nothing of the migration is in it (or what was is taken back), say so:\n" +
    `prisma migrate resolve --rolled-back ${name}\n` +
    "When all of it is in it:\n" +
    `prisma migrate resolve --applied ${name}`
  );
}
