import type { Container } from "@dagger.io/dagger";
import type { OperationContext } from "../model/target.ts";

/** Which operation of the journal a step belongs to, and under which lease. */
export type StepOperation = Pick<OperationContext, "operationId" | "fencingToken">;

/**
 * Tells a script of the repository what it is a part of, so that a store of the team's own can refuse whoever has lost his
 * lease: tokens only grow.
 */
export function withOperation(container: Container, { operationId, fencingToken }: StepOperation): Container {
  return container
    .withEnvVariable("FAIRWAY_OPERATION_ID", operationId)
    .withEnvVariable("FAIRWAY_FENCING_TOKEN", String(fencingToken));
}
