import type { Json } from "../model/canonical-json.ts";
import type { DeploymentSummary } from "../release/state.ts";
import { duration, table } from "./text.ts";

/** Deployments of one or more environments, in the order that they are given in. */
export function historyText(deployments: readonly DeploymentSummary[]): string {
  if (deployments.length === 0) return "Nothing has been deployed yet.";
  const rows = deployments.map((deployment) => [
    deployment.id,
    deployment.startedAt.slice(0, 19).replace("T", " "),
    deployment.action,
    deployment.release.version,
    outcomeText(deployment),
    deployment.endedAt === null
      ? ""
      : duration(Date.parse(deployment.endedAt) - Date.parse(deployment.startedAt)),
    deployment.actor,
    firstLine(deployment.message ?? deployment.reason ?? ""),
  ]);
  return table([
    ["deployment", "started (UTC)", "action", "version", "outcome", "took", "by", "why"],
    ...rows,
  ]);
}

export function historyJson(deployments: readonly DeploymentSummary[]): Json {
  return deployments.map((deployment) => ({
    id: deployment.id,
    environment: deployment.environment,
    action: deployment.action,
    version: deployment.release.version,
    commit: deployment.release.commit,
    planHash: deployment.planHash,
    actor: deployment.actor,
    reason: deployment.reason,
    startedAt: deployment.startedAt,
    endedAt: deployment.endedAt,
    outcome: deployment.outcome,
    message: deployment.message,
    operations: deployment.operations as unknown as Json,
  }));
}

export function newestFirst(deployments: readonly DeploymentSummary[]): DeploymentSummary[] {
  return [...deployments].sort((a, b) =>
    a.startedAt < b.startedAt ? 1 : a.startedAt > b.startedAt ? -1 : 0,
  );
}

function outcomeText({ outcome }: DeploymentSummary): string {
  return outcome === "nothing changed" ? "failed, nothing was changed" : outcome;
}

function firstLine(text: string): string {
  const line = text.split("\n", 1)[0] ?? "";
  return line.length > 80 ? `${line.slice(0, 79)}…` : line;
}
