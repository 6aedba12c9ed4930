import type { Operation } from "../../model/plan.ts";
import { byHand, type Observation } from "../../model/target.ts";

/** When visitors are kept out while an environment changes. */
export type MaintenancePolicy = "never" | "migrations" | "always";

/**
 * Puts maintenance around what changes the environment: on before it, off once it was proven. What a deployment that did not
 * end has left on goes off at the end too; what a person has put on stays.
 */
export function withMaintenance(
  operations: readonly Operation[],
  policy: MaintenancePolicy,
  { maintenance }: Pick<Observation, "maintenance">,
): Operation[] {
  const isOn = maintenance !== undefined && maintenance !== null;
  if (isOn && maintenance.by === byHand) return [...operations];
  const wanted = isAsked(operations, policy);
  if (!wanted && !isOn) return [...operations];
  const first = operations.findIndex(({ kind }) => kind !== "check-dependencies");
  const begin = first < 0 ? operations.length : first;
  const end = endOf(operations);
  return [
    ...operations.slice(0, begin),
    ...(wanted ? [{ kind: "maintenance", on: true } as const] : []),
    ...operations.slice(begin, end),
    { kind: "maintenance", on: false },
    ...operations.slice(end),
  ];
}

function isAsked(operations: readonly Operation[], policy: MaintenancePolicy): boolean {
  const has = (...kinds: readonly Operation["kind"][]) => operations.some(({ kind }) => kinds.includes(kind));
  switch (policy) {
    case "never":
      return false;
    case "migrations":
      return has("migrate", "restore");
    case "always":
      return has(...changing);
  }
}

const changing = [
  ...(["migrate", "restore", "set-images", "replace-replica", "remove-replica"] as const),
  ...(["start-beside", "set-weight", "take-over", "stop-beside"] as const),
] as const;

/** Scripts and a watch look at what visitors get: they are let in before them. */
function endOf(operations: readonly Operation[]): number {
  const after = operations.findIndex(({ kind }) => ["run-script", "watch", "tag-images"].includes(kind));
  return after < 0 ? operations.length : after;
}
