import type { RestoreOperation } from "../../model/plan.ts";
import type { Observation } from "../../model/target.ts";
import type { DeploymentSummary } from "../state.ts";

/** What there will be once a restore has stopped what serves: where replicas are counted, none. */
export function stoppedFirst(observed: Observation): Observation {
  return { ...observed, services: observed.services.map((service) => ({ ...service, replicas: [] })) };
}

/** What a way back does not bring: nothing restores by itself. */
export function undone(restore: RestoreOperation | null): string[] {
  if (restore === null) return [];
  return [
    `to bring back by itself what was written since backup ${restore.backup}: the database is not restored on a way back`,
  ];
}

/**
 * Whether a restore has put a database in place that the release which was live does not know any more: its code expects
 * migrations that are gone with it, so there is no way back to it, only forward.
 */
export function dataIsOlder({ plan, operations }: Pick<DeploymentSummary, "plan" | "operations">): boolean {
  const restored = operations.find(
    ({ operation, state, wayBack }) => operation.kind === "restore" && state === "done" && !wayBack,
  )?.operation;
  if (restored?.kind !== "restore" || plan.from === null) return false;
  const has = new Set(restored.migrations.map(({ name }) => name));
  return plan.from.migrations.some((name) => !has.has(name));
}

/** A restore that has begun and whose end nobody wrote down; undefined for none. */
export function begunRestore({ id, operations }: Pick<DeploymentSummary, "id" | "operations">) {
  for (const { index, operation, state, wayBack } of operations) {
    if (operation.kind !== "restore" || state === "done" || wayBack) continue;
    return { placed: { index, operation }, request: { ...operation, deployment: id } };
  }
  return undefined;
}
