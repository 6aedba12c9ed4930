import type { Container, Secret } from "@dagger.io/dagger";
import { withOperation, type StepOperation } from "../steps/steps.ts";
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
