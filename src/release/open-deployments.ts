import type { LedgerEvent } from "../model/ledger.ts";
import type { DeploymentSummary } from "./state.ts";

/** The deployments while they are read, and which of them have not ended: never many, however long the ledger is. */
export function openDeployments() {
  const deployments = new Map<string, DeploymentSummary>();
  const open = new Set<string>();
  const put = (deployment: DeploymentSummary) => {
    deployments.set(deployment.id, deployment);
    if (["running", "interrupted", "in review"].includes(deployment.outcome)) open.add(deployment.id);
    else open.delete(deployment.id);
  };
  return {
    put,
    get: (id: string) => deployments.get(id),
    all: () => [...deployments.values()],
    /** A deployment that did not end is over when another one begins, or everything is stopped: history never lies. */
    abandon: (by: LedgerEvent) => {
      for (const id of open) {
        const deployment = deployments.get(id)!;
        const done = deployment.operations.filter(({ state }) => state === "done").length;
        put({
          ...deployment,
          outcome: "abandoned",
          endedAt: deployment.endedAt ?? by.at,
          message: deployment.message ?? `its process ended after ${String(done)} finished operations`,
        });
      }
    },
  };
}
