import type { Operation } from "../model/plan.ts";

/** Whether nothing was begun that changes what runs: only looked at, or kept as it was. */
export function onlyLooked(begun: readonly { readonly operation: Operation }[]): boolean {
  return begun.every(({ operation }) => looks.has(operation.kind));
}

const looks: ReadonlySet<Operation["kind"]> = new Set([
  "check-dependencies",
  "backup",
  "maintenance",
  "await-healthy",
  "smoke",
  "watch",
]);
