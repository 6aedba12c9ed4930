import { exitCodes, failure, FairwayError, held } from "../../model/errors.ts";
import { secretsMissing } from "../../model/secrets-missing.ts";
import { breaksOlderCode, type Plan, type PlannedMigration, type Release } from "../../model/plan.ts";
import type { Observation } from "../../model/target.ts";
import type { ReleaseContext } from "../apply/context.ts";
import type { Candidate } from "../candidate.ts";
import { emergencyFlags } from "../plan/commands.ts";
import { dependencySecrets } from "../health/health.ts";
import type { KeptBackup } from "../backup/kept.ts";
import { begunRestore } from "../backup/restoring.ts";
import { lastBegun, type EnvironmentState } from "../state.ts";

type Where = Pick<ReleaseContext, "environment" | "command">;

/**
 * What was found out about a candidate took minutes; it counts only while the environment is what it was then.
 * @throws FairwayError PLAN_STALE (exit 3)
 */
export function requireFresh(
  candidate: Pick<Candidate, "release" | "after" | "isPromoted">,
  state: EnvironmentState,
  { environment, command, gating }: Where & Pick<ReleaseContext, "gating">,
): void {
  if (candidate.after?.hash === state.lastChange?.hash) return;
  const last = lastBegun(state);
  const who = last === null ? "" : ` (${last})`;
  const { after } = gating.inForce.policy;
  const deploy =
    candidate.isPromoted === true && after !== null
      ? `promote --from ${after} --to ${environment}`
      : `deploy --env ${environment}`;
  const again = `${command} ${deploy}${emergencyFlags(gating.emergency)}`;
  throw new FairwayError(
    `${environment} has changed while ${candidate.release.version} was being checked${who}. Nothing was changed.`,
    {
      code: "PLAN_STALE",
      exitCode: exitCodes.held,
      remedy: `Look at it, then deploy again:\n${command} status --env ${environment}\n${again}`,
    },
  );
}

/** @throws FairwayError DATABASE_LOST (exit 3): an empty database is never put where data was */
export function requireDatabase(
  { database }: Observation,
  state: EnvironmentState,
  { environment, command, needs }: Where & Pick<ReleaseContext, "needs">,
  backups: readonly KeptBackup[],
): void {
  if (needs.postgres === null) return;
  const migratedAndGone = database === null && state.appliedMigrations.length > 0;
  if (database?.lostData === undefined && !migratedAndGone) return;
  throw held(`the data of ${environment}'s database is gone. Nothing was changed.`, {
    code: "DATABASE_LOST",
    place: database?.lostData,
    remedy:
      (backups.length === 0
        ? "Bring it back and deploy again; or begin with an empty database:\n"
        : "Bring it back from a backup, or begin with an empty database:\n" +
          `${command} restore --env ${environment} --reason "..."\n`) +
      `${command} down --env ${environment} --remove-data\n` +
      `${command} deploy --env ${environment}`,
  });
}

/**
 * A restore that was cut off may have come to its end since: until that is known, so is not which migrations there are.
 * @throws FairwayError RESTORE_UNFINISHED (exit 3)
 */
export function requireNoRestoreBegun(
  { unsettled }: EnvironmentState,
  { environment, command }: Where,
): void {
  const begun = unsettled === null ? undefined : begunRestore(unsettled);
  if (unsettled === null || begun === undefined) return;
  throw held(
    `${unsettled.id} has begun to restore backup ${begun.request.backup} in ${environment}, and its end is not known. ` +
      "Nothing was changed.",
    { code: "RESTORE_UNFINISHED", remedy: `Finish it first:\n${command} resume --env ${environment}` },
  );
}

/**
 * What may break code that is live is not begun; what removes something comes alone, so that nothing else has to be taken
 * back with it.
 * @throws FairwayError HELD_FOR_EVIDENCE (exit 3), MIGRATION_NOT_ALONE (exit 1)
 */
export function requireSafeMigrations(
  plan: Plan,
  state: EnvironmentState,
  { environment, command }: Where,
): void {
  if (!state.hasServed) return;
  const migrations = migrationsOf(plan);
  const doubtful = migrations.filter(({ phase, liveCode }) => phase === "unknown" || liveCode !== undefined);
  const remedy = `What is wrong with it:\n${command} migrations --env ${environment}`;
  if (doubtful.length > 0) {
    throw held(
      `${environment} is held: ${namesOf(doubtful)} may break code that has served from this database. Nothing was changed.`,
      { code: "HELD_FOR_EVIDENCE", remedy },
    );
  }
  const contracts = migrations.filter(({ phase }) => phase === "contract");
  if (contracts.length === 0 || migrations.length === 1) return;
  const others = migrations.filter((migration) => migration !== contracts[0]);
  throw failure(
    `${namesOf(contracts.slice(0, 1))} removes what older code uses, and comes to ${environment} together with ${namesOf(others)}. Nothing was changed.`,
    {
      code: "MIGRATION_NOT_ALONE",
      remedy:
        "Bring them one after the other, each in a commit and a deploy of its own: what is removed makes the way back impossible, " +
        "and that should be true of nothing else.",
    },
  );
}

function migrationsOf({ operations }: Pick<Plan, "operations">): PlannedMigration[] {
  return operations.flatMap((operation) => (operation.kind === "migrate" ? operation.migrations : []));
}

/**
 * @param backups those that can be restored
 * @throws FairwayError ROLLBACK_IMPOSSIBLE (exit 3): the older code may not work with what was migrated since
 */
export function requireReversible(
  before: Release,
  state: EnvironmentState,
  { environment, command }: Where,
  backups: readonly KeptBackup[],
): void {
  const doubtful = state.appliedMigrations.filter(
    ({ name, phase }) => breaksOlderCode(phase) && !before.migrations.includes(name),
  );
  if (doubtful.length === 0) return;
  throw new FairwayError(
    `${environment} cannot go back to ${before.version}: ${namesOf(doubtful)} changed the database in a way that ` +
      "its code may not work with. Nothing was changed.",
    {
      code: "ROLLBACK_IMPOSSIBLE",
      exitCode: exitCodes.held,
      remedy: [
        "Go forward: revert the change in a commit of its own, with a migration where it needs one, and deploy that.",
        ...restoreInstead(backups, doubtful, `${command} restore --env ${environment}`),
      ].join("\n"),
    },
  );
}

/** The last backup from before all of these migrations. */
function restoreInstead(
  backups: readonly KeptBackup[],
  migrations: readonly { readonly name: string }[],
  restore: string,
): string[] {
  const before = backups.findLast(
    (backup) =>
      backup.of !== null &&
      !backup.migrations.some(({ name }) => migrations.some((migration) => migration.name === name)),
  );
  if (before === undefined) return [];
  const version = before.of?.release.version ?? "";
  return [
    `Or go back with the data of ${before.at.slice(0, 19).replace("T", " ")} UTC, when ${version} was live; what was written since is lost:`,
    `${restore} --backup ${before.id} --reason "..."`,
  ];
}

/** @throws FairwayError SECRETS_MISSING (exit 2): also the way back must be able to start its replicas */
export function requireSecretsOf(
  plan: Plan,
  context: Where & Pick<ReleaseContext, "secrets" | "databaseVariable" | "needs">,
): void {
  requireSecretsOfDependencies(plan, context);
  for (const release of plan.from === null ? [plan.release] : [plan.release, plan.from]) {
    const names = new Set(release.services.flatMap((service) => service.secretNames));
    const missing = [...names].filter((name) => !Object.hasOwn(context.secrets, name));
    if (missing.length === 0) continue;
    const what = release === plan.release ? "" : ", the way back,";
    throw secretsMissing(
      `${release.version}${what} needs a value for ${missing.join(", ")}. Nothing was changed.`,
      { command: context.command, file: context.environment },
    );
  }
}

/** What cannot be asked is found out before anything is begun. */
function requireSecretsOfDependencies(
  { operations }: Plan,
  context: Where & Pick<ReleaseContext, "secrets" | "databaseVariable" | "needs">,
): void {
  // The URL of a database that this environment brings itself is known when it runs.
  const own = context.needs.postgres === null ? null : context.databaseVariable;
  const names = new Set(dependencySecrets(operations));
  const missing = [...names].filter((name) => name !== own && !Object.hasOwn(context.secrets, name));
  if (missing.length === 0) return;
  throw secretsMissing(
    `${context.environment} needs a value for ${missing.join(", ")} to ask what its services need. Nothing was changed.`,
    {
      command: context.command,
      file: context.environment,
    },
  );
}

export function cannotMaintain({ environment }: Pick<Where, "environment">): FairwayError {
  return new FairwayError(
    `visitors of ${environment} cannot be kept out from here: its target has no proxy of Fairway's`,
    {
      code: "TARGET_CANNOT_MAINTAIN",
      exitCode: exitCodes.failed,
      place: `fairway.yaml environments.${environment}.target`,
      remedy: "Do it where its traffic comes in.",
    },
  );
}

export function nothingBefore(state: EnvironmentState, { environment, command }: Where): FairwayError {
  return new FairwayError(
    state.live === null
      ? `Nothing is live in ${environment}, so there is nothing to go back from.`
      : `${state.live.release.version} is the first release of ${environment}: there is none before it.`,
    {
      code: "NOTHING_TO_ROLL_BACK",
      exitCode: exitCodes.failed,
      remedy: `${command} history --env ${environment}`,
    },
  );
}

/** Only what was proven here, and was not gone back from, is a place to go back to. */
export function notInLine(
  to: string,
  state: EnvironmentState,
  { environment, command }: Where,
): FairwayError {
  const known = state.line.slice(0, -1).map(({ release }) => release.version);
  return new FairwayError(
    `${environment} cannot go back to ${to}: that is no release which was proven there.`,
    {
      code: "RELEASE_UNKNOWN",
      exitCode: exitCodes.usage,
      place: "--to",
      remedy:
        known.length === 0
          ? `${command} history --env ${environment}`
          : `It can go back to ${known.reverse().join(", ")}.`,
    },
  );
}

function namesOf(migrations: readonly { readonly name: string }[]): string {
  return migrations.map(({ name }) => name).join(", ");
}
