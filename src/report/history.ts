import type { Json } from "../model/canonical-json.ts";
import type { DeploymentSummary } from "../release/state.ts";
import type { HandChange } from "./by-hand.ts";
import { duration, table } from "./text.ts";

/** A deployment, or what a person did beside them. */
export type HistoryEntry =
  | { readonly kind: "deployment"; readonly deployment: DeploymentSummary }
  | { readonly kind: "by hand"; readonly change: HandChange };

/** All of it, of one or more environments, the newest first. */
export function historyOf(
  deployments: readonly DeploymentSummary[],
  changes: readonly HandChange[],
): readonly HistoryEntry[] {
  const entries: HistoryEntry[] = [
    ...deployments.map((deployment) => ({ kind: "deployment" as const, deployment })),
    ...changes.map((change) => ({ kind: "by hand" as const, change })),
  ];
  return entries.sort((a, b) => Date.parse(beganAt(b)) - Date.parse(beganAt(a)));
}

export function historyText(entries: readonly HistoryEntry[]): string {
  if (entries.length === 0) return "Nothing has been deployed yet.";
  const rows = entries.map((entry) =>
    entry.kind === "deployment" ? deploymentRow(entry.deployment) : handRow(entry.change),
  );
  return table([
    ["deployment", "started (UTC)", "action", "version", "outcome", "took", "by", "why"],
    ...rows,
  ]);
}

export function historyJson(entries: readonly HistoryEntry[]): Json {
  return entries.map((entry) =>
    entry.kind === "deployment" ? deploymentJson(entry.deployment) : handJson(entry.change),
  );
}

function deploymentRow(deployment: DeploymentSummary): string[] {
  const { id, startedAt, endedAt, action, release, actor, message, reason } = deployment;
  return [
    id,
    second(startedAt),
    action,
    release.version,
    outcomeText(deployment),
    endedAt === null ? "" : duration(Date.parse(endedAt) - Date.parse(startedAt)),
    actor,
    firstLine(message ?? reason ?? ""),
  ];
}

/** Without an id: the environment stands where that would. */
function handRow({ environment, at, action, dataRemoved, ended, actor, reason }: HandChange): string[] {
  const outcome = !ended ? "not ended: removing data" : dataRemoved ? "done, data removed" : "done";
  return [environment, second(at), action, "", outcome, "", actor, firstLine(reason ?? "")];
}

function deploymentJson(deployment: DeploymentSummary): Json {
  return {
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
    ...(deployment.answers === undefined ? {} : { answers: deployment.answers as unknown as Json }),
  };
}

function handJson({ environment, action, at, actor, reason, dataRemoved, ended }: HandChange): Json {
  const outcome = ended ? "done" : "not ended";
  return { id: null, environment, action, actor, reason, startedAt: at, outcome, dataRemoved };
}

function beganAt(entry: HistoryEntry): string {
  return entry.kind === "deployment" ? entry.deployment.startedAt : entry.change.at;
}

function outcomeText({ outcome }: DeploymentSummary): string {
  return outcome === "nothing changed" ? "failed, nothing was changed" : outcome;
}

/** `2026-03-02 09:00:00` */
function second(at: string): string {
  return at.slice(0, 19).replace("T", " ");
}

function firstLine(text: string): string {
  const line = text.split("\n", 1)[0] ?? "";
  return line.length > 80 ? `${line.slice(0, 79)}…` : line;
}
