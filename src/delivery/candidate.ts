import { randomUUID } from "node:crypto";
import { backupOf, type BackupSettings, environmentOf } from "../config/config.ts";
import {
  migrateDeploy,
  pendingMigrations,
  readMigrations,
  rehearseMigrations,
  checkDrift,
  requireScripts,
  reviewMigrations,
  scriptBackups,
} from "../database/database.ts";
import type { MigrationFile, MigrationReview, Uses } from "../database/database.ts";
import { dependenciesOf } from "./dependencies.ts";
import { serviceRelease, type Delivery } from "./delivery.ts";
import { secretsMissing } from "../model/secrets-missing.ts";
import type { Evidence } from "../model/evidence.ts";
import type { PlannedMigration } from "../model/plan.ts";
import type { OperationContext } from "../model/target.ts";
import { firstOf } from "../report/text.ts";
import { dependencySecrets } from "../release/health/health.ts";
import type { BackupPolicy } from "../release/backup/policy.ts";
import { ungated } from "../release/gates/gating.ts";
import type { Emergency } from "../release/gates/requirements.ts";
import { gatingOf } from "./gating.ts";
import { metricsFor, noteUnreadable } from "./metrics.ts";
import { strategyOf } from "./strategy.ts";
import { recordedUses, usesOfEnvironment } from "./uses.ts";
import { versionOf } from "./version.ts";
import { watchingOf } from "./watching.ts";
import { askDependency } from "../providers/dependencies/dependencies.ts";
import { readState, type Candidate, type EnvironmentState, type ReleaseContext } from "../release/release.ts";
import { imageTags, tagImage, type PublishedImage } from "../steps/images/images.ts";
import { prismaLayout, requireReleaseScripts, runReleaseScript } from "../steps/steps.ts";

/** What the evidence was gathered for, as a release that an environment can be asked to run. */
export async function candidateOf(
  delivery: Delivery,
  environment: string,
  images: readonly Pick<PublishedImage, "service" | "reference" | "standIn">[],
  state: EnvironmentState,
): Promise<Candidate> {
  const [config, facts] = await Promise.all([delivery.config(), delivery.facts()]);
  await requireBackupScripts(delivery, environment);
  const services = images.map((image) => serviceRelease(config, environment, image.service, image.reference));
  const target = await delivery.target(environment);
  for (const line of target.limitations?.(services) ?? []) delivery.progress.note(line);
  const migrations = await plannedMigrations(delivery, await databaseOf(delivery, state));
  const uses = await recordedUses(delivery);
  const { smoke } = environmentOf(config, environment);
  const scripts = smoke.flatMap((check) => ("script" in check ? [check.script] : []));
  requireReleaseScripts(await delivery.project(), environment, scripts);
  const release = {
    version: await versionOf(delivery),
    commit: facts.commit,
    branch: facts.branch,
    services,
    migrations: migrations.map((migration) => migration.name),
    ...(uses === undefined ? {} : { uses }),
  };
  await noteUnreadable(delivery, environment, state.live?.release ?? release);
  return {
    release,
    migrations,
    after: state.lastChange,
    leadsOn: Object.values(config.environments).some(({ after }) => after === environment),
    dependencies: dependenciesOf(config, environment),
    smoke: smoke.filter((check) => "service" in check),
    scripts,
    tags: images.flatMap((image) => imageTags(facts).map((tag) => ({ image: image.reference, tag }))),
    standIns: [...new Set(images.flatMap((image) => (image.standIn === null ? [] : [image.standIn])))].sort(),
  };
}

export interface OpenedRelease {
  readonly context: ReleaseContext;
  /** What the ledger said when it was opened; whoever holds the lease reads it again. */
  readonly state: EnvironmentState;
}

/** Everything that a release of this environment acts on. */
export async function openRelease(
  delivery: Delivery,
  environment: string,
  /** Null for what no gate is asked about: it was let through before, or goes back. */
  gates: { readonly emergency: Emergency | null } | null,
): Promise<OpenedRelease> {
  const config = await delivery.config();
  const { dag, progress, clock, actor, command, signal } = delivery;
  const database = config.database?.prisma ?? null;
  const ledger = await delivery.ledger(environment);
  // Also what the config no longer lists: the way back starts older releases.
  const state = await readState({ environment, ledger });
  const namesBefore = [
    ...state.line.flatMap(({ release }) => release.services.flatMap((service) => service.secretNames)),
    ...(state.unsettled === null ? [] : dependencySecrets(state.unsettled.plan.operations)),
  ].filter((name) => name !== database?.url);
  // Another clone, with a ledger of its own, counts its operations alike: a cached step would do nothing.
  const liveDatabase = ({ operationId, fencingToken, secrets }: OperationContext) => ({
    url: dag.setSecret(`database/${operationId}`, databaseUrl(secrets, database?.url ?? "", environment)),
    operationId: `${operationId}/${randomUUID()}`,
    operation: { operationId, fencingToken },
  });
  const isLocal = environmentOf(config, environment).target === "local";
  const backup = backupOf(config, environment);
  const databaseNames = [...(database === null ? [] : [database.url]), ...(backup?.scripts?.secrets ?? [])];
  const target = await delivery.target(environment);
  const backups =
    backup?.scripts == null
      ? target.backups
      : scriptBackups(
          await delivery.project(),
          { ...backup.scripts, environment },
          { database: liveDatabase, progress },
        );
  const context: ReleaseContext = {
    pipeline: config.name,
    environment,
    ledger,
    target,
    backups,
    backupPolicy: policyOf(backup),
    maintenance: environmentOf(config, environment).maintenance,
    strategy: strategyOf(environmentOf(config, environment)),
    metrics: await metricsFor(delivery, environment),
    needs: {
      services: Object.entries(config.services).map(([name, { port }]) => ({ name, port })),
      // Elsewhere it is a database of its own, which is not ours to begin or to miss.
      postgres: isLocal ? (database?.postgres ?? null) : null,
    },
    secrets: await delivery.secrets(environment, [...namesBefore, ...(isLocal ? [] : databaseNames)]),
    databaseVariable: database?.url ?? null,
    ...watchingOf(environmentOf(config, environment)),
    gating: gates === null ? ungated : await gatingOf(delivery, environment, state, gates.emergency),
    executors: {
      migrate: async (operation, context) => {
        await migrateDeploy(
          await delivery.project(),
          liveDatabase(context),
          progress,
          state.appliedMigrations,
        );
        return { observed: `applied ${operation.migrations.map((migration) => migration.name).join(", ")}` };
      },
      migrationState: async (operation, context) => {
        const { applied } = await pendingMigrations(
          await delivery.project(),
          liveDatabase(context),
          progress,
        );
        // What is missing is applied by the next try, which leaves the others alone.
        return operation.migrations.every(({ name }) => applied.includes(name)) ? "done" : "not done";
      },
      runScript: async (script, urls, context) =>
        runReleaseScript(
          await delivery.project(),
          { ...context, script, urls, environment, runId: `${context.operationId}/${randomUUID()}` },
          progress,
        ),
      tagImage: async ({ image, tag }) => {
        await tagImage(await delivery.registry(environment), image, tag);
      },
      probeDependency: askDependency,
    },
    progress,
    clock,
    actor,
    command,
    signal,
  };
  return { context, state };
}

function policyOf(backup: BackupSettings | null): BackupPolicy | null {
  if (backup === null) return null;
  const { before, keep, scripts } = backup;
  return { before, keep, script: scripts?.backup ?? null, restoreScript: scripts?.restore ?? null };
}

/** Before anything depends on them. */
async function requireBackupScripts(delivery: Delivery, environment: string): Promise<void> {
  const scripts = backupOf(await delivery.config(), environment)?.scripts ?? null;
  if (scripts !== null) requireScripts(await delivery.project(), { ...scripts, environment });
}

/** @throws FairwayError SECRETS_MISSING (exit 2) */
function databaseUrl(secrets: Readonly<Record<string, string>>, name: string, environment: string): string {
  const url = secrets[name];
  if (url !== undefined && url !== "") return url;
  throw secretsMissing(`${environment} needs a value for ${name}: the database that is migrated`, {
    file: environment,
  });
}

/** What the database that is asked about has, and whether code serves from it. */
export interface DatabaseReach {
  readonly firstDeploy: boolean;
  /** By name. */
  readonly applied: readonly string[];
  /** What code that is live, or may come back, uses; absent where it is not known. */
  readonly uses?: Uses;
  /** What the database is made of, as statements; absent where it was not asked. */
  readonly schema?: readonly string[];
}

/** What is known about the migrations before any of them touches a database that somebody uses. */
export async function migrationEvidence(delivery: Delivery, live: DatabaseReach): Promise<Evidence[]> {
  if ((await delivery.config()).database === null) return [];
  const project = await delivery.project();
  return delivery.progress.task("migrations", async (task) => {
    const review = reviewOf(delivery, live).then(({ evidence }) => evidence);
    return Promise.all([review, checkDrift(project, task), rehearseMigrations(project, task)]);
  });
}

/** All that are not applied, as one release; with `applied` null each as a release of its own. */
export async function reviewOf(
  delivery: Delivery,
  live: Omit<DatabaseReach, "applied"> & { readonly applied: readonly string[] | null },
): Promise<MigrationReview> {
  const { database } = await delivery.config();
  return reviewMigrations(await migrationFiles(delivery), {
    firstDeploy: live.firstDeploy,
    ...(live.applied === null ? {} : { applied: live.applied }),
    ...(live.uses === undefined ? {} : { uses: live.uses }),
    ...(live.schema === undefined ? {} : { schema: live.schema }),
    ...(database === null ? {} : { postgres: Number(database.prisma.postgres) }),
    today: delivery.clock.now(),
    repeat: `${delivery.command} migrations`,
  });
}

/** What is asked of the migrations depends on what the database has already, and on who uses it. */
export async function databaseOf(delivery: Delivery, state: EnvironmentState): Promise<DatabaseReach> {
  const { database } = await delivery.config();
  return {
    firstDeploy: !state.hasServed,
    applied: state.appliedMigrations.map(({ name }) => name),
    uses: usesOfEnvironment(state, delivery.clock.now(), database?.contractSoakMinutes ?? 0),
  };
}

/** Those to come with the phase that they have together beside live code; those that are there with the phase of each. */
export async function plannedMigrations(
  delivery: Delivery,
  live: DatabaseReach,
): Promise<readonly PlannedMigration[]> {
  const [alone, together] = await Promise.all([
    reviewOf(delivery, { firstDeploy: false, applied: null }),
    reviewOf(delivery, live),
  ]);
  const found = new Map<string, PlannedMigration>(
    [...alone.migrations, ...together.migrations].map((migration) => [migration.name, migration]),
  );
  return [...found.values()].map(planned);
}

function planned({ name, phase, checksum = "", liveCode, phaseReason }: PlannedMigration): PlannedMigration {
  return {
    ...{ name, phase, checksum },
    ...(liveCode === undefined ? {} : { liveCode }),
    ...(phaseReason === undefined ? {} : { phaseReason }),
  };
}

export async function migrationFiles(delivery: Delivery): Promise<MigrationFile[]> {
  const { database } = await delivery.config();
  if (database === null) return [];
  const { source } = await delivery.project();
  return readMigrations(source, await prismaLayout(source, database));
}

/** Says what goes out that is in no commit, and the version that stands for it; nothing for a commit as it is. */
export async function noteUncommitted(delivery: Delivery): Promise<void> {
  const facts = await delivery.facts();
  if (facts.dirty) delivery.progress.note(uncommittedNote(await versionOf(delivery), facts.changes));
}

/** `version 4f2a9c1-dirty.0b1c2d3e: not committed are a.ts, b.ts, c.ts, +2 more` */
export function uncommittedNote(version: string, changes: readonly string[]): string {
  // As git names them: two columns of state, a space, the path.
  const files = changes.map((change) => change.slice(3));
  return `version ${version}: not committed ${files.length === 1 ? "is" : "are"} ${firstOf(files)}`;
}
