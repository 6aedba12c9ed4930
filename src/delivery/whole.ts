import type { Config, SoundConfig } from "../config/config.ts";
import { isFairwayError } from "../model/errors.ts";
import { everyError } from "../model/every-error.ts";
import {
  type Check,
  openProject,
  type RepositoryFiles,
  requireChecks,
  suppressionsOf,
  type Toolchain,
  vexDocuments,
} from "../steps/steps.ts";
import type { Delivery } from "./delivery.ts";
import { requirePaths } from "./paths.ts";

/**
 * What goes out has to be whole, and everything that is wrong is told in one run. Whoever goes back is asked nothing of what is
 * checked out.
 * @param checks names of those that are about to be run, none for all; null where none is
 */
export async function requireWhole(
  delivery: Pick<Delivery, "config" | "project" | "definition" | "dag" | "input">,
  checks: readonly string[] | null = null,
): Promise<void> {
  const { dag, input, definition } = delivery;
  const sound = await delivery.config().then(
    (config) => ({ config, faults: [] }),
    (error: unknown) => (isInvalid(error) ? definition.sound(input.source) : undefined),
  );
  if (sound === undefined) return everyError([() => delivery.config()]);
  const opened =
    sound.faults.length === 0 ? delivery.project() : openProject(dag, input.source, sound.config);
  const project = await opened.catch(() => undefined);
  const { checks: custom, file } = definition;
  const toolchain = project?.toolchain ?? null;
  const repository = { ...sound, custom, file, toolchain, files: project?.source ?? input.source };
  await everyError([() => delivery.config(), () => opened, ...asked(repository, checks)]);
}

function isInvalid(error: unknown): boolean {
  return isFairwayError(error) && error.code === "CONFIG_INVALID";
}

/** A config beside the repository that it is about. */
interface LookedAt extends SoundConfig {
  readonly files: RepositoryFiles;
  /** Null where it is not known: that is an error of its own. */
  readonly toolchain: Toolchain | null;
  readonly custom: readonly Check[];
  /** The file that the config is from; null for one that is written in TypeScript. */
  readonly file: string | null;
}

/** All that a config asks of its repository; each throws a FairwayError (exit 2) with what is not as it has to be. */
export function asked(repository: LookedAt, checks: readonly string[] | null): readonly (() => unknown)[] {
  const { config, faults, files: source, toolchain, custom, file } = repository;
  const known = {
    config: withoutFaultyTasks(config, faults),
    toolchain,
    custom,
    besides: besides(config, custom),
  };
  return [
    () => requirePaths(config, source, file, faults),
    ...(checks === null
      ? []
      : [
          () => {
            requireChecks(known, checks);
          },
          () => suppressionsOf({ source, config }),
          () => vexDocuments({ source, config }),
        ]),
  ];
}

/** What `check` asks without that a team lists it, unless a check of theirs has the name. */
export function besides({ checks, database }: Config, custom: readonly Check[]): readonly string[] {
  const isTaken = [...checks, ...custom].some(({ name }) => name === "migrations");
  return database === null || isTaken ? [] : ["migrations"];
}

/** What stands for a check that is written wrong is no task of anybody's. */
function withoutFaultyTasks(config: Config, faults: readonly string[]): Pick<Config, "checks" | "database"> {
  const isFaulty = (index: number) =>
    ["", ".scan", ".script", ".integration.script"].some((key) =>
      faults.includes(`checks[${String(index)}]${key}`),
    );
  return { ...config, checks: config.checks.filter((_, index) => !isFaulty(index)) };
}
