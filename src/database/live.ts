import type { Container, Secret } from "@dagger.io/dagger";
import { type FairwayError, held } from "../model/errors.ts";
import { lastLines, withOperation, type StepOperation } from "../steps/steps.ts";
import type { PrismaStep } from "./prisma-step.ts";

export interface LiveDatabase {
  /** The database's URL; the step gets it in the variable that Prisma reads. */
  readonly url: Secret;
  /** Unique wherever the cache reaches: what looks at or changes a live database must not come from it. */
  readonly operationId: string;
  /** That of the journal; absent for what belongs to none. */
  readonly operation?: StepOperation;
}

export function onLiveDatabase(step: PrismaStep, { url, operationId, operation }: LiveDatabase): Container {
  const told = operation === undefined ? step.container : withOperation(step.container, operation);
  return told
    .withEnvVariable("FAIRWAY_OPERATION", operationId)
    .withSecretVariable(step.database.prisma.url, url);
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

export function resolveRemedy(name: string): string {
  return (
    "Look at the database. When nothing of the migration is in it (or what was is taken back), say so:\n" +
    `prisma migrate resolve --rolled-back ${name}\n` +
    "When all of it is in it:\n" +
    `prisma migrate resolve --applied ${name}`
  );
}
