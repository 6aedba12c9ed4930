import type { Plan, Release } from "../../model/plan.ts";
import type { EnvironmentNeeds, OperationContext } from "../../model/target.ts";
import { applyOperations, type PlacedOperation } from "./apply.ts";
import type { ReleaseContext, Run } from "./context.ts";

/** Makes the target ready under this lease, then carries the operations out in order. */
export async function carryOut(
  operations: readonly PlacedOperation[],
  release: Release,
  context: ReleaseContext,
  run: Run & { readonly wayBack: boolean },
): Promise<void> {
  const { secrets } = await prepareTarget(context, run);
  await applyOperations(operations, release, { ...context, ...run, secrets, timeouts: run.plan.timeouts });
}

/**
 * Tells the target who holds the lease now, so that it refuses whoever held it before. The context that it answers has
 * the database's URL among the secrets.
 */
export async function prepareTarget(context: ReleaseContext, run: Run): Promise<OperationContext> {
  const operation: OperationContext = {
    fencingToken: run.lease.fencingToken,
    operationId: `${run.deployment}/prepare/${String(run.lease.fencingToken)}`,
    secrets: context.secrets,
    signal: run.signal,
    report: (line) => {
      context.progress.note(line);
    },
  };
  const { databaseUrl } = await context.target.prepare(operation, await needsNow(run.plan, context));
  if (databaseUrl === null || context.databaseVariable === null) return operation;
  return { ...operation, secrets: { ...context.secrets, [context.databaseVariable]: databaseUrl } };
}

/** A restore puts a database where none is any more: until then there is none to start. */
async function needsNow(plan: Plan, context: ReleaseContext): Promise<EnvironmentNeeds> {
  const needs = needsOf(plan, context);
  if (plan.action !== "restore" || needs.postgres === null) return needs;
  const { database } = await context.target.observe();
  return { ...needs, postgres: database?.lostData === undefined ? needs.postgres : null };
}

/** A service that only the release before has must keep its address: the way back leads there. */
function needsOf(plan: Plan, { needs }: ReleaseContext): EnvironmentNeeds {
  const releases = [plan.release, ...(plan.from === null ? [] : [plan.from])];
  const services = releases.flatMap((release) => release.services.map(({ name, port }) => ({ name, port })));
  const byName = new Map([...services, ...needs.services].map((service) => [service.name, service]));
  return { ...needs, services: [...byName.values()] };
}
