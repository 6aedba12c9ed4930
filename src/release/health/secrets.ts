import type { DependencyCheck, Operation } from "../../model/plan.ts";

/** Names of the secrets that hold the URLs of what a plan asks. */
export function dependencySecrets(operations: readonly Operation[]): readonly string[] {
  return operations.flatMap((operation) =>
    operation.kind === "check-dependencies" ? secretsOfChecks(operation.checks) : [],
  );
}

export function secretsOfChecks(checks: readonly DependencyCheck[]): readonly string[] {
  return checks.flatMap((check) => ("at" in check && "secret" in check.at ? [check.at.secret] : []));
}
