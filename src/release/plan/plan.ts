import { canonicalJson, hashOf, type Json } from "../../model/canonical-json.ts";
import {
  breaksOlderCode,
  type Operation,
  type Plan,
  type PlannedMigration,
  type Release,
  type RestoreOperation,
  type ServiceRelease,
  type Timeouts,
} from "../../model/plan.ts";
import type { Observation, ObservedReplica, Rollout } from "../../model/target.ts";
import { gatesOfPlan, type Gating } from "../gates/gating.ts";
import { dependencyTimeoutSeconds } from "../health/health.ts";
import type { Candidate } from "../candidate.ts";
import { backupOperation, type BackupPolicy } from "../backup/policy.ts";
import { stoppedFirst, undone } from "../backup/restoring.ts";
import { withMaintenance, type MaintenancePolicy } from "./maintenance.ts";
import { sameServices } from "../same-services.ts";
import type { EnvironmentState } from "../state.ts";
import { rollBackTo, rollOut, type Strategy } from "../strategies/strategies.ts";

/** What was found out about a candidate, and about the environment that it comes to. */
export interface PlanInput extends Omit<Candidate, "migrations" | "after"> {
  readonly action: Plan["action"];
  readonly pipeline: string;
  readonly state: EnvironmentState;
  readonly observed: Observation;
  readonly rollout: Rollout;
  /** How a deploy gets there; a way back is rolling. @default rolling */
  readonly strategy?: Strategy | undefined;
  /** The migrations that the environment's database does not have yet, oldest first. */
  readonly pendingMigrations: readonly PlannedMigration[];
  readonly gating: Gating;
  readonly timeouts: Timeouts;
  /** How a release is watched before it counts as proven; null for not at all. */
  readonly afterRelease: AfterRelease | null;
  /** @default "never" */
  readonly maintenance?: MaintenancePolicy;
  /** When the database is backed up; null for never. */
  readonly backup?: BackupPolicy | null;
  /** Of the action `restore`; null for the others. */
  readonly restore?: RestoreOperation | null;
}

export type AfterRelease = Pick<Extract<Operation, { kind: "watch" }>, "seconds" | "rollBackOn" | "reviewOn">;

/** What has to be done so that the environment runs `release`. Pure: the same input is the same plan and hash. */
export function planRelease(input: PlanInput): Plan {
  const { release, state, rollout, backup = null, restore = null } = input;
  const observed = restore === null ? input.observed : stoppedFirst(input.observed);
  const from = state.live?.release ?? null;
  const migrations: Operation[] =
    input.pendingMigrations.length === 0 ? [] : [{ kind: "migrate", migrations: input.pendingMigrations }];
  const known = new Map([[release.version, release], ...provenReleases(state)]);
  const steps = rollOut({
    ...{ release, observed, rollout, isCurrent: currentAmong(known), smoke: input.smoke },
    ...(input.strategy === undefined || input.action !== "deploy" ? {} : { strategy: input.strategy }),
  });
  // New rules come into force with a commit that is proven: such a commit is a change, though the images are the same.
  const proven =
    from !== null &&
    sameServices(from, release) &&
    state.unsettled === null &&
    (input.action !== "deploy" || (input.gating.newRules === null && !isToBeProven(input)));
  const work = [...(restore === null ? [] : [restore]), ...migrations, ...steps];
  const changes = [...backupOperation(backup, work, { ...input, state }), ...work];
  const operations = withMaintenance(
    changes.length === 0 && proven
      ? newTags(input)
      : [...before(changes, input), ...changes, ...proof(input)],
    input.maintenance ?? "never",
    input.observed,
  );
  return {
    schema: 1,
    action: input.action,
    environment: state.environment,
    pipeline: input.pipeline,
    release,
    from,
    operations,
    timeouts: input.timeouts,
    wayBack: {
      // Which of them are needed is observed when the way back is taken.
      operations: from === null ? [] : rollBackTo(from, observed, rollout, steps),
      impossible: [
        ...lostSecrets(input.observed),
        ...(from === null ? [] : brokenBy(input.pendingMigrations)),
        ...undone(restore),
      ],
    },
    ...gatesOfPlan(input.gating, { action: input.action, operations }),
    standIns: input.standIns,
    after: state.lastChange,
  };
}

/**
 * A commit whose images are live already goes on only as the one that is proven: where releases are taken from here,
 * where what is live is in no commit, and where it uses something else of the database, which has to be known.
 */
export function isToBeProven({
  release,
  state,
  leadsOn = false,
}: Pick<PlanInput, "release" | "state" | "leadsOn">): boolean {
  const live = state.live?.release ?? release;
  if (live.version === release.version) return false;
  if (leadsOn || usesText(live) !== usesText(release)) return true;
  return live.version.includes("-dirty.") && !release.version.includes("-dirty.");
}

function usesText({ uses }: Release): string {
  return uses === undefined ? "" : canonicalJson(uses as unknown as Json);
}

export function planHash(plan: Plan): string {
  return hashOf(plan as unknown as Json);
}

/**
 * Whether a replica that runs already is what a service asks for in its slot: a replica is known by its version, and
 * may be of an older release that had the service just like this.
 */
export function currentAmong(known: ReadonlyMap<string, Release>) {
  return (service: ServiceRelease, replica: ObservedReplica): boolean => {
    const its = known.get(replica.version)?.services.find((candidate) => candidate.name === service.name);
    return (
      replica.image === service.image &&
      its !== undefined &&
      canonicalJson(its as unknown as Json) === canonicalJson(service as unknown as Json)
    );
  };
}

/** By version. */
export function provenReleases(state: EnvironmentState): ReadonlyMap<string, Release> {
  const proven = state.deployments.filter(({ outcome }) => outcome === "succeeded");
  return new Map(proven.map(({ release }) => [release.version, release]));
}

/** The live commit was tagged after it was deployed: its images follow. */
function newTags({ release, state, tags }: PlanInput): Operation[] {
  const proven = state.line.at(-1);
  if (proven?.release.version !== release.version) return [];
  const known = new Set(proven.tags.map(({ image, tag }) => `${image} ${tag}`));
  const missing = tags.filter(({ image, tag }) => !known.has(`${image} ${tag}`));
  return missing.length === 0 ? [] : [{ kind: "tag-images", tags }];
}

/** What cannot work afterwards is found out before anything changes; where nothing does, once is enough. */
function before(changes: readonly Operation[], input: PlanInput): Operation[] {
  return changes.length === 0 ? [] : askOf(input);
}

function askOf({ dependencies: checks = [] }: PlanInput): Operation[] {
  if (checks.length === 0) return [];
  return [{ kind: "check-dependencies", checks, timeoutSeconds: dependencyTimeoutSeconds }];
}

function proof(input: PlanInput): Operation[] {
  const operations = askOf(input);
  if (input.smoke.length > 0) operations.push({ kind: "smoke", checks: input.smoke });
  const { afterRelease, smoke, scripts = [] } = input;
  operations.push(...scripts.map((script): Operation => ({ kind: "run-script", script })));
  // Whoever goes back wants to be back.
  if (afterRelease !== null && input.action === "deploy") {
    operations.push({ kind: "watch", ...afterRelease, smoke });
  }
  // Names that people read move last, when the release is proven.
  if (input.tags.length > 0) operations.push({ kind: "tag-images", tags: input.tags });
  return operations;
}

/** The code of before may not work with what these leave behind. */
function brokenBy(migrations: readonly PlannedMigration[]): string[] {
  return migrations
    .filter(({ phase }) => breaksOlderCode(phase))
    .map(({ name, phase }) => `to go back once ${name} is applied: its phase is ${phase}`);
}

/** Fairway keeps no value of a secret: whatever is started on the way back gets the new ones too. */
function lostSecrets({ services }: Observation): string[] {
  const replicas = services.flatMap((service) => service.replicas);
  const names = [...new Set(replicas.flatMap((replica) => replica.changedSecrets ?? []))].sort();
  return names.length === 0
    ? []
    : [`to bring back the former value of ${names.join(", ")}: it is kept nowhere`];
}
