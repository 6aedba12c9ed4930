import type { Json } from "../../model/canonical-json.ts";
import type { Clock } from "../../model/clock.ts";
import type { Lease, Ledger, LedgerEvent } from "../../model/ledger.ts";
import type { MetricSource } from "../../model/metric.ts";
import type { Plan, Release, Timeouts } from "../../model/plan.ts";
import type { Progress } from "../../model/progress.ts";
import type { EnvironmentNeeds, Target } from "../../model/target.ts";
import type { Backups } from "../../model/backup.ts";
import type { MaintenancePolicy } from "../plan/maintenance.ts";
import type { BackupPolicy } from "../backup/policy.ts";
import type { Gating } from "../gates/gating.ts";
import type { AfterRelease } from "../plan/plan.ts";
import type { DeploymentEventType, NoteEventType } from "../journal.ts";
import type { Strategy } from "../strategies/strategies.ts";
import type { Executors } from "./apply.ts";

/** Everything a release acts on; chosen by the doors, replaced by fakes in tests. */
export interface ReleaseContext {
  readonly pipeline: string;
  readonly environment: string;
  readonly ledger: Ledger;
  readonly target: Target;
  readonly executors: Executors;
  /** Where backups of the database are; absent where none is ever made. */
  readonly backups?: Backups | undefined;
  /** How a release takes the place of the one before. @default rolling */
  readonly strategy?: Strategy;
  /** Where figures of a name come from that is not the target's own; by name. @default none */
  readonly metrics?: ReadonlyMap<string, MetricSource>;
  /** When visitors are kept out. @default "never" */
  readonly maintenance?: MaintenancePolicy;
  /** When one is made. @default never */
  readonly backupPolicy?: BackupPolicy | null;
  readonly needs: EnvironmentNeeds;
  /** Values of the secrets that the services list. */
  readonly secrets: Readonly<Record<string, string>>;
  /** The variable that holds the database's URL; null without a database. */
  readonly databaseVariable: string | null;
  readonly gating: Gating;
  readonly timeouts: Timeouts;
  /** How a release is watched before it counts as proven; null for not at all. */
  readonly afterRelease: AfterRelease | null;
  readonly clock: Clock;
  readonly progress: Progress;
  readonly actor: string;
  readonly command: string;
  readonly signal?: AbortSignal | undefined;
}

export type ReleaseOutcome =
  | { readonly kind: "nothing to do"; readonly plan: Plan; readonly urls: Readonly<Record<string, string>> }
  | {
      readonly kind: "released";
      readonly deployment: string;
      readonly plan: Plan;
      readonly planHash: string;
      readonly urls: Readonly<Record<string, string>>;
      readonly durationMs: number;
    };

/** What one deployment holds while it runs. */
export interface Held {
  readonly lease: Lease;
  /** Aborted when the lease is lost or the user interrupts. */
  readonly signal: AbortSignal;
  /** By version. */
  readonly proven: ReadonlyMap<string, Release>;
}

/** A deployment on its way. */
export interface Run extends Held {
  readonly deployment: string;
  readonly plan: Plan;
}

/** Appends an event that only the holder of the lease may write. */
export async function append(
  context: Pick<ReleaseContext, "environment" | "ledger" | "actor">,
  lease: Lease,
  deployment: string | null,
  type: DeploymentEventType | NoteEventType,
  payload: Record<string, Json>,
): Promise<LedgerEvent> {
  const { environment, actor } = context;
  return context.ledger.append({ environment, deployment, type, actor, payload }, lease);
}
