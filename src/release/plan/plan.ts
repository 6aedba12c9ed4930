import { canonicalJson, hashOf, type Json } from "../../model/canonical-json.ts";
import type {
  ImageTag,
  Operation,
  Plan,
  PlannedMigration,
  Release,
  ServiceRelease,
  SmokeCheck,
} from "../../model/plan.ts";
import type { Observation, ObservedReplica } from "../../model/target.ts";
import type { EnvironmentState } from "../state.ts";
import { rolling } from "../strategies/rolling.ts";

export interface PlanInput {
  readonly action: Plan["action"];
  readonly pipeline: string;
  readonly release: Release;
  readonly state: EnvironmentState;
  readonly observed: Observation;
  /** The migrations that the environment's database does not have yet, oldest first. */
  readonly pendingMigrations: readonly PlannedMigration[];
  readonly smoke: readonly SmokeCheck[];
  readonly tags: readonly ImageTag[];
  readonly standIns: readonly string[];
}

/** What has to be done so that the environment runs `release`. Pure: the same input is the same plan and hash. */
export function planRelease(input: PlanInput): Plan {
  const { release, state, observed } = input;
  const from = state.live?.release ?? null;
  const migrations: Operation[] =
    input.pendingMigrations.length === 0 ? [] : [{ kind: "migrate", migrations: input.pendingMigrations }];
  const replicas = rolling({ release, observed, isCurrent: currentFor(release, from) });
  const proven = from !== null && sameServices(from, release) && state.unsettled === null;
  const changes = [...migrations, ...replicas];
  const operations: Operation[] =
    changes.length === 0 && proven ? newTags(input) : [...changes, ...proof(input)];
  return {
    schema: 1,
    action: input.action,
    environment: state.environment,
    pipeline: input.pipeline,
    release,
    from,
    operations,
    wayBack: { operations: from === null ? [] : wayBack(from), impossible: [] },
    gates: [],
    standIns: input.standIns,
    after: state.lastChange,
  };
}

export function planHash(plan: Plan): string {
  return hashOf(plan as unknown as Json);
}

/** Whether two releases run the same images with the same settings, whatever their commits are called. */
export function sameServices(a: Release, b: Release): boolean {
  return canonicalJson(a.services as unknown as Json) === canonicalJson(b.services as unknown as Json);
}

/** Whether a replica that runs already is what `release` wants in its slot. */
export function currentFor(release: Release, from: Release | null) {
  const unchanged = (service: ServiceRelease) => {
    const before = from?.services.find((candidate) => candidate.name === service.name);
    return (
      before !== undefined &&
      canonicalJson(before as unknown as Json) === canonicalJson(service as unknown as Json)
    );
  };
  return (service: ServiceRelease, replica: ObservedReplica): boolean =>
    replica.image === service.image &&
    (replica.version === from?.version ? unchanged(service) : replica.version === release.version);
}

/** The live commit was tagged after it was deployed: its images follow. */
function newTags({ release, state, tags }: PlanInput): Operation[] {
  const proven = state.line.at(-1);
  if (proven?.release.version !== release.version) return [];
  const known = new Set(proven.tags.map(({ image, tag }) => `${image} ${tag}`));
  const missing = tags.filter(({ image, tag }) => !known.has(`${image} ${tag}`));
  return missing.length === 0 ? [] : [{ kind: "tag-images", tags }];
}

function proof(input: PlanInput): Operation[] {
  const operations: Operation[] = [];
  if (input.smoke.length > 0) operations.push({ kind: "smoke", checks: input.smoke });
  if (input.tags.length > 0) operations.push({ kind: "tag-images", tags: input.tags });
  return operations;
}

/** All slots of the release before: which of them need it is observed when the way back is taken. */
function wayBack(from: Release): Operation[] {
  return from.services.flatMap((service) =>
    Array.from({ length: service.replicas }, (_, index) => ({
      kind: "replace-replica" as const,
      service: service.name,
      index,
      version: from.version,
    })),
  );
}
