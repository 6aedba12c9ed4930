import type { LedgerEvent } from "../model/ledger.ts";
import type {
  ImageTag,
  Operation,
  Plan,
  PlanAction,
  PlannedMigration,
  Release,
  SmokeCheck,
} from "../model/plan.ts";
import type { KeptBackup } from "./backup/kept.ts";
import type { MadeBackup } from "../model/backup.ts";
import { changesWhatRuns, type DeploymentEventType, type EventPayloads } from "./journal.ts";
import { onlyLooked } from "./only-looked.ts";
import { openDeployments } from "./open-deployments.ts";
import { provenLine } from "./proven-line.ts";
import { sameServices } from "./same-services.ts";

/** What the ledger says about one environment: a pure view of its events, never kept anywhere. */
export interface EnvironmentState {
  readonly environment: string;
  /** The release that was last proven good and not taken down since. */
  readonly live: LiveRelease | null;
  /** Oldest first. */
  readonly deployments: readonly DeploymentSummary[];
  /** The line of proven releases that leads to the live one, oldest first: the way a rollback goes back. */
  readonly line: readonly ProvenRelease[];
  /**
   * The last deployment since a shutdown, when it left what is not known to be good: it runs still, was cut off, or its
   * way back failed. It can be resumed.
   */
  readonly unsettled: DeploymentSummary | null;
  /** The migrations that were applied to the environment's database, with the phase that was known then. */
  readonly appliedMigrations: readonly PlannedMigration[];
  /** Backups of the environment's database that were made since its data was last removed, oldest first. */
  readonly backups: readonly KeptBackup[];
  /** True once a release was proven on the environment's database, until its data is removed. */
  readonly hasServed: boolean;
  /** The last event that changed what runs or began to. */
  readonly lastChange: { readonly sequence: number; readonly hash: string } | null;
}

/** A release, and what it was proven with. */
export interface ProvenRelease {
  readonly release: Release;
  readonly smoke: readonly SmokeCheck[];
  readonly tags: readonly ImageTag[];
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
  readonly action: PlanAction;
  readonly release: Release;
  readonly planHash: string;
  readonly actor: string;
  readonly reason: string | null;
  readonly startedAt: string;
  readonly endedAt: string | null;
  /**
   * `running` also when its process died; `interrupted` can be resumed, `in review` serves and waits for a person,
   * `nothing changed` failed before there was anything to go back from, `abandoned` was followed by something else.
   */
  readonly outcome:
    | "running"
    | "interrupted"
    | "in review"
    | "succeeded"
    | "nothing changed"
    | "rolled back"
    | "failed"
    | "abandoned";
  /** Why it did not succeed. */
  readonly message: string | null;
  /** Why its way back began; null while it goes forward. */
  readonly goingBack: string | null;
  readonly plan: Plan;
  readonly operations: readonly JournaledOperation[];
  /** What people said of operations of which nobody could tell whether they happened, oldest first; absent for nothing. */
  readonly answers?: readonly GivenAnswer[];
}

export interface GivenAnswer {
  /** The operation's place in the plan, from 0. */
  readonly index: number;
  readonly answer: "done" | "not done";
  readonly by: string;
  readonly at: string;
  /** False once the operation was begun again: what became of that is another question. */
  readonly stands: boolean;
}

export interface JournaledOperation {
  readonly index: number;
  readonly operation: Operation;
  readonly wayBack: boolean;
  readonly state: "started" | "done" | "failed" | "in review";
  readonly observed: string | null;
  /** The backup that it made; null for none. */
  readonly backup: MadeBackup | null;
}

export function environmentState(environment: string, events: readonly LedgerEvent[]): EnvironmentState {
  const deployments = openDeployments();
  let live: LiveRelease | null = null;
  let line = provenLine();
  let hasServed = false;
  let applied: readonly PlannedMigration[] = [];
  let backups = new Map<string, KeptBackup>();
  let lastChange: EnvironmentState["lastChange"] = null;
  let last: string | null = null;

  for (const event of events) {
    if (event.environment !== environment) continue;
    const payload = event.payload as unknown as EventPayloads;
    const current = event.deployment === null ? undefined : deployments.get(event.deployment);
    const change = (fields: Partial<DeploymentSummary>) => {
      if (current !== undefined) deployments.put({ ...current, ...fields });
    };
    if (changesWhatRuns(event.type)) lastChange = { sequence: event.sequence, hash: event.hash };
    switch (event.type as DeploymentEventType) {
      case "deployment-started":
        deployments.abandon(event);
        if (event.deployment !== null) deployments.put(started(event, event.deployment));
        last = event.deployment;
        break;
      case "deployment-resumed":
        change({ outcome: "running", endedAt: null, message: null });
        break;
      case "operation-started":
        change({
          operations: begun(current, { ...journaled(payload), state: "started" }),
          ...(current?.answers === undefined ? {} : { answers: withoutStanding(current.answers, payload) }),
        });
        break;
      case "analysis-looked":
        // What was looked at is of concern to who looks again.
        break;
      case "operation-answered":
        change({ answers: [...(current?.answers ?? []), answered(event, payload)] });
        break;
      case "operation-finished":
        // Before the database changes: it is of what was there.
        if (payload.backup !== undefined) {
          // One that is made again under its id takes the place of the first.
          backups.delete(payload.backup.id);
          const of = line.releases.at(-1) ?? null;
          backups.set(payload.backup.id, kept(event, payload.backup, { migrations: applied, of }));
        }
        if (payload.operation.kind === "migrate") applied = joined(applied, payload.operation.migrations);
        if (payload.operation.kind === "restore") applied = payload.operation.migrations;
        change({ operations: ended(current, { ...journaled(payload), state: "done" }) });
        break;
      case "operation-failed":
        change({ operations: ended(current, { ...journaled(payload), state: "failed" }) });
        break;
      case "review-requested":
        change({
          operations: ended(current, { ...journaled(payload), state: "in review" }),
          ...{ outcome: "in review", endedAt: event.at, message: payload.message },
        });
        break;
      case "deployment-succeeded":
        change({ outcome: "succeeded", endedAt: event.at });
        if (current !== undefined) {
          live = { release: current.release, deployment: current.id, since: event.at, actor: event.actor };
          line.add(current);
          hasServed = true;
        }
        break;
      case "deployment-failed":
        change({
          outcome: payload.rolledBack ? goneBack(current) : "failed",
          endedAt: event.at,
          message: payload.message,
        });
        break;
      case "deployment-going-back":
        change({ goingBack: payload.message });
        break;
      case "deployment-interrupted":
        change({ outcome: "interrupted", endedAt: event.at, message: payload.message });
        break;
      case "data-removal-started":
        // Written before the data goes: a process that dies in between must not leave a belief in what is gone.
        live = null;
        line = provenLine();
        applied = [];
        backups = new Map();
        hasServed = false;
        break;
      case "environment-stopped":
        deployments.abandon(event);
        live = null;
        last = null;
        break;
    }
  }

  return {
    environment,
    live,
    deployments: deployments.all(),
    line: line.releases,
    unsettled: unsettledOf(last === null ? undefined : deployments.get(last)),
    appliedMigrations: applied,
    backups: [...backups.values()],
    hasServed,
    lastChange,
  };
}

/**
 * The release to go back to: the last one in the line of proven releases that runs something else than the live one. While
 * the last deployment left a mixture behind, that is the live one itself.
 */
export function releaseBefore(state: EnvironmentState): ProvenRelease | null {
  const { live, line, unsettled } = state;
  if (live === null) return null;
  if (unsettled !== null) return line.at(-1) ?? null;
  return line.findLast(({ release }) => !sameServices(release, live.release)) ?? null;
}

/** `staging-3 of 4f2a9c1, by ada@laptop`: what was begun last; null before the first. */
export function lastBegun({ deployments }: Pick<EnvironmentState, "deployments">): string | null {
  const last = deployments.at(-1);
  return last === undefined ? null : `${last.id} of ${last.release.version}, by ${last.actor}`;
}

/** A release further back in the line, by its deployment or its version; undefined for none there. */
export function releaseInLine(state: EnvironmentState, name: string): ProvenRelease | undefined {
  const version = state.deployments.find(({ id }) => id === name)?.release.version ?? name;
  const earlier = state.unsettled === null ? state.line.slice(0, -1) : state.line;
  return earlier.findLast(({ release }) => release.version === version);
}

function unsettledOf(last: DeploymentSummary | undefined): DeploymentSummary | null {
  const settled: readonly DeploymentSummary["outcome"][] = ["succeeded", "rolled back", "nothing changed"];
  return last === undefined || settled.includes(last.outcome) ? null : last;
}

/** The way back of what had only looked leads nowhere. */
function goneBack({ operations }: Pick<DeploymentSummary, "operations"> = { operations: [] }) {
  return operations.length > 0 && onlyLooked(operations) ? "nothing changed" : "rolled back";
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
    goingBack: null,
    plan: payload.plan,
    operations: [],
  };
}

function journaled(payload: EventPayloads): Omit<JournaledOperation, "state"> {
  return {
    index: payload.index,
    operation: payload.operation,
    wayBack: payload.wayBack,
    observed: payload.observed ?? null,
    backup: payload.backup ?? null,
  };
}

function kept(
  { at, actor, deployment }: LedgerEvent,
  made: MadeBackup,
  was: Pick<KeptBackup, "of" | "migrations">,
): KeptBackup {
  return { ...made, ...was, at, actor, deployment: deployment ?? "" };
}

/** Each once, with the phase that was known last. */
function joined(
  applied: readonly PlannedMigration[],
  more: readonly PlannedMigration[],
): readonly PlannedMigration[] {
  return [...new Map([...applied, ...more].map((migration) => [migration.name, migration])).values()];
}

/** An operation that is begun again after a crash takes the place of its first try. */
function begun(current: DeploymentSummary | undefined, operation: JournaledOperation): JournaledOperation[] {
  return [...(current?.operations ?? []).filter((entry) => !isSame(entry, operation)), operation];
}

function ended(current: DeploymentSummary | undefined, operation: JournaledOperation): JournaledOperation[] {
  return (current?.operations ?? []).map((entry) => (isSame(entry, operation) ? operation : entry));
}

function answered({ actor, at }: LedgerEvent, { index, answer }: EventPayloads): GivenAnswer {
  return { index, answer, by: actor, at, stands: true };
}

function withoutStanding(answers: readonly GivenAnswer[], { index, wayBack }: EventPayloads): GivenAnswer[] {
  return answers.map((given) => (given.index === index && !wayBack ? { ...given, stands: false } : given));
}

function isSame(one: JournaledOperation, other: JournaledOperation): boolean {
  return one.index === other.index && one.wayBack === other.wayBack;
}
