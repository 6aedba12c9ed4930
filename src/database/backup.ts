import type { Container } from "@dagger.io/dagger";
import { failure, usageError } from "../model/errors.ts";
import { secretsMissing } from "../model/secrets-missing.ts";
import type { Backups } from "../model/backup.ts";
import { scrubOf } from "../model/scrub.ts";
import type { Progress } from "../model/progress.ts";
import type { OperationContext } from "../model/target.ts";
import {
  lastLines,
  outputOf,
  type Project,
  stepFailure,
  withOperation,
  withoutTask,
} from "../steps/steps.ts";
import { type LiveDatabase, onLiveDatabase } from "./live.ts";
import { prismaStep } from "./prisma-step.ts";

export interface BackupScripts {
  /** Scripts of the root package.json. */
  readonly backup: string;
  readonly restore: string;
  /** Names of what they get beside the database's URL. */
  readonly secrets: readonly string[];
  readonly environment: string;
}

export interface ScriptSurroundings {
  /** The database, and what keeps the step out of every cache. */
  readonly database: (context: OperationContext) => LiveDatabase;
  readonly progress: Progress;
}

/** As long as a name may be. */
const longestReference = 500;

/**
 * Backups by two scripts of the repository, which run as the migrate step does: with the database's URL as a secret. The last
 * line that the first one prints is what its backup is called, and what the second one gets as FAIRWAY_BACKUP. Both get the
 * operation and its fencing token.
 */
export function scriptBackups(project: Project, scripts: BackupScripts, around: ScriptSurroundings): Backups {
  const run = async (script: string, context: OperationContext, variables: Record<string, string>) => {
    requireScripts(project, scripts);
    const step = await prismaStep(project, around.progress);
    const root: Container = await project.installed(around.progress);
    const live = onLiveDatabase({ ...step, container: root }, around.database(context));
    let container = withOperation(live, context);
    for (const name of scripts.secrets) {
      const secret = project.client.setSecret(
        `backup/${name}/${context.operationId}`,
        valueOf(name, context, scripts),
      );
      container = container.withSecretVariable(name, secret);
    }
    for (const [name, value] of Object.entries(variables)) container = container.withEnvVariable(name, value);
    try {
      return await container.withExec([...project.manager.run(script)]).stdout();
    } catch (error) {
      throw scriptFailure(error, script, Object.values(context.secrets)) ?? error;
    }
  };
  return {
    make: async ({ id }, context) => {
      const printed = await run(scripts.backup, context, { FAIRWAY_DEPLOYMENT: id });
      const reference = referenceIn(printed, scripts.backup, Object.values(context.secrets));
      return {
        observed: `backup ${id} is ${reference}`,
        backup: { id, reference, sizeBytes: null },
      };
    },
    restore: async ({ backup, reference, deployment }, context) => {
      await run(scripts.restore, context, { FAIRWAY_BACKUP: reference, FAIRWAY_DEPLOYMENT: deployment });
      return { observed: `the database is that of backup ${backup} (${reference})`, backup: null };
    },
    // Only whoever looks at the database can tell.
    restoreState: () => Promise.resolve("unknown"),
    list: () => Promise.resolve(null),
  };
}

/** @throws FairwayError BACKUP_WITHOUT_NAME (exit 1): a backup that cannot be named cannot be brought back */
export function referenceIn(printed: string, script: string, secrets: readonly string[]): string {
  // The package manager says first what it runs: `> shop@1.0.0 db:backup`.
  const own = printed.split("\n").filter((line) => line.trim() !== "" && !/^[>$] /.test(line));
  const reference = own.at(-1)?.trim() ?? "";
  const why =
    reference === ""
      ? "it printed nothing"
      : reference.length > longestReference || /\p{Cc}/u.test(reference)
        ? "its last line is no name"
        : holdsSecret(reference, secrets)
          ? "its last line holds a secret"
          : null;
  if (why === null) return reference;
  throw failure(`the script ${script} made a backup that cannot be named: ${why}`, {
    code: "BACKUP_WITHOUT_NAME",
    place: `package.json scripts.${script}`,
    remedy: "Its last line has to be what the backup is called, a snapshot's id for example.",
  });
}

/** The engine has put stars in the place of those that it knows; the password of a URL alone is none of them. */
function holdsSecret(reference: string, secrets: readonly string[]): boolean {
  return reference.includes("***") || scrubOf(secrets)(reference) !== reference;
}

/** @throws FairwayError SCRIPT_MISSING (exit 2) */
export function requireScripts(
  { toolchain }: Project,
  { backup, restore, environment }: Pick<BackupScripts, "backup" | "restore" | "environment">,
): void {
  const missing = [backup, restore].filter((script) => !Object.hasOwn(toolchain.tasks, script));
  if (missing.length === 0) return;
  const without = withoutTask(toolchain);
  throw usageError(without.has(missing), {
    code: "SCRIPT_MISSING",
    place: `fairway.yaml environments.${environment}.backup`,
    remedy: without.known,
  });
}

function valueOf(name: string, { secrets }: OperationContext, { environment }: BackupScripts): string {
  const value = secrets[name];
  if (value !== undefined) return value;
  throw secretsMissing(`${environment} needs a value for ${name}: its backup scripts get it`, {
    file: environment,
  });
}

function scriptFailure(error: unknown, script: string, secrets: readonly string[]): Error | undefined {
  const failed = stepFailure(error);
  if (failed === undefined) return undefined;
  return failure(`the script ${script} failed`, {
    code: "BACKUP_SCRIPT_FAILED",
    place: `package.json scripts.${script}`,
    output: scrubOf(secrets)(lastLines(outputOf(failed), 40)),
    remedy: "Its own words are above.",
    cause: error,
  });
}
