import type { LedgerEvent } from "../model/ledger.ts";
import type { Operation, Release } from "../model/plan.ts";

/** What the ledger says about one environment: a pure view of its events, never kept anywhere. */
export interface EnvironmentState {
  readonly environment: string;
  /** The release that was last proven good and not taken down since. */
  readonly live: LiveRelease | null;
  /** The deployment that began and did not end, because its process died. */
  readonly unfinished: DeploymentSummary | null;
  /** Oldest first. */
  readonly deployments: readonly DeploymentSummary[];
  /** Names of the migrations that were applied to the environment's database. */
  readonly appliedMigrations: readonly string[];
  /** The last event that changed what runs or began to. */
  readonly lastChange: { readonly sequence: number; readonly hash: string } | null;
}

export interface LiveRelease {
  readonly release: Release;
  readonly deployment: string;
  readonly since: string;
  readonly actor: string;
}

export interface DeploymentSummary {
  readonly id: string;
  readonly environment: string;
  readonly action: "deploy" | "rollback";
  readonly release: Release;
  readonly planHash: string;
  readonly actor: string;
  readonly reason: string | null;
  readonly startedAt: string;
  readonly endedAt: string | null;
  readonly outcome: "running" | "succeeded" | "rolled back" | "failed" | "abandoned";
  /** Why it did not succeed. */
  readonly message: string | null;
  readonly operations: readonly JournaledOperation[];
}

export interface JournaledOperation {
  readonly index: number;
  readonly operation: Operation;
  readonly wayBack: boolean;
  readonly state: "started" | "done" | "failed";
  readonly observed: string | null;
}

export function environmentState(environment: string, events: readonly LedgerEvent[]): EnvironmentState {
  const deployments = new Map<string, DeploymentSummary>();
  let live: LiveRelease | null = null;
  let applied: readonly string[] = [];
  let lastChange: EnvironmentState["lastChange"] = null;

  for (const event of events) {
    if (event.environment !== environment) continue;
    const payload = event.payload as unknown as EventPayloads;
    const current = event.deployment === null ? undefined : deployments.get(event.deployment);
    const change = (fields: Partial<DeploymentSummary>) => {
      if (current !== undefined) deployments.set(current.id, { ...current, ...fields });
    };
    if (changesWhatRuns.has(event.type)) lastChange = { sequence: event.sequence, hash: event.hash };
    switch (event.type as DeploymentEventType) {
      case "deployment-started":
        if (event.deployment !== null) deployments.set(event.deployment, started(event, event.deployment));
        break;
      case "operation-started":
        change({ operations: [...(current?.operations ?? []), { ...journaled(payload), state: "started" }] });
        break;
      case "operation-finished":
        if (payload.operation.kind === "migrate") {
          applied = [...applied, ...payload.operation.migrations.map((migration) => migration.name)];
        }
        change({ operations: ended(current, { ...journaled(payload), state: "done" }) });
        break;
      case "operation-failed":
        change({ operations: ended(current, { ...journaled(payload), state: "failed" }) });
        break;
      case "deployment-succeeded":
        change({ outcome: "succeeded", endedAt: event.at });
        if (current !== undefined) {
          live = { release: current.release, deployment: current.id, since: event.at, actor: event.actor };
        }
        break;
      case "deployment-failed":
        change({
          outcome: payload.rolledBack ? "rolled back" : "failed",
          endedAt: event.at,
          message: payload.message,
        });
        break;
      case "deployment-abandoned":
        change({ outcome: "abandoned", endedAt: event.at, message: payload.message });
        break;
      case "environment-stopped":
        live = null;
        if (payload.dataRemoved) applied = [];
        break;
    }
  }

  const list = [...deployments.values()];
  return {
    environment,
    live,
    unfinished: list.findLast((deployment) => deployment.outcome === "running") ?? null,
    deployments: list,
    appliedMigrations: [...new Set(applied)],
    lastChange,
  };
}

/** The release to go back to: the last one before the live one that was deployed and proven good. */
export function releaseBefore(state: EnvironmentState): Release | null {
  const live = state.live?.release.version;
  const good = state.deployments.filter(
    (deployment) => deployment.action === "deploy" && deployment.outcome === "succeeded",
  );
  const at = good.findLastIndex((deployment) => deployment.release.version === live);
  const earlier = at === -1 ? good : good.slice(0, at);
  return earlier.findLast((deployment) => deployment.release.version !== live)?.release ?? null;
}

export type DeploymentEventType =
  | "deployment-started"
  | "operation-started"
  | "operation-finished"
  | "operation-failed"
  | "deployment-succeeded"
  | "deployment-failed"
  | "deployment-abandoned"
  | "environment-stopped";

const changesWhatRuns = new Set<string>([
  "deployment-started",
  "deployment-succeeded",
  "deployment-failed",
  "deployment-abandoned",
  "environment-stopped",
] satisfies DeploymentEventType[]);

/** The fields that the events' payloads have between them; which event has which is told by its type. */
interface EventPayloads {
  readonly action: "deploy" | "rollback";
  readonly release: Release;
  readonly planHash: string;
  readonly reason: string | null;
  readonly index: number;
  readonly wayBack: boolean;
  readonly operation: Operation;
  readonly observed?: string;
  readonly message: string;
  readonly rolledBack: boolean;
  readonly dataRemoved: boolean;
}

function started(event: LedgerEvent, id: string): DeploymentSummary {
  const payload = event.payload as unknown as EventPayloads;
  return {
    id,
    environment: event.environment,
    action: payload.action,
    release: payload.release,
    planHash: payload.planHash,
    actor: event.actor,
    reason: payload.reason,
    startedAt: event.at,
    endedAt: null,
    outcome: "running",
    message: null,
    operations: [],
  };
}

function journaled(payload: EventPayloads): Omit<JournaledOperation, "state"> {
  return {
    index: payload.index,
    operation: payload.operation,
    wayBack: payload.wayBack,
    observed: payload.observed ?? null,
  };
}

function ended(current: DeploymentSummary | undefined, operation: JournaledOperation): JournaledOperation[] {
  return (current?.operations ?? []).map((entry) =>
    entry.index === operation.index && entry.wayBack === operation.wayBack ? operation : entry,
  );
}
