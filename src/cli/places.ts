import { existsSync, readFileSync, realpathSync } from "node:fs";
import { homedir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";

/** Where things are for one run of the command line. */
export interface Places {
  /** Where the user stands. */
  readonly workdir: string;
  /** The repository that contains it: what is delivered unless `--source` says otherwise. */
  readonly repository: string;
  /** Layers, results of steps, manifests: shared by all projects of this user. */
  readonly cache: string;
  /** Fairway's own package. */
  readonly package: string;
}

export function findPlaces(workdir: string, variables: NodeJS.ProcessEnv): Places {
  return {
    workdir,
    repository: repositoryOf(workdir),
    cache: cacheDirectory(variables),
    package: dirname(dirname(dirname(realpathSync(fileURLToPath(import.meta.url))))),
  };
}

/** The nearest directory above (or at) `start` that git, else fairway.yaml, says is a root; else `start` itself. */
export function repositoryOf(start: string): string {
  const above = (name: string) => nearest(resolve(start), (directory) => existsSync(join(directory, name)));
  return above(".git") ?? above("fairway.yaml") ?? resolve(start);
}

/** State of one project: ledger, environments, registry. Holds nothing that another machine needs. */
export function stateDirectory(repository: string): string {
  return join(repository, ".fairway");
}

/** What one environment of a local target keeps: its replicas, logs and database. */
export function environmentDirectory(state: string, environment: string): string {
  return join(state, "environments", environment);
}

export function packageVersion(places: Places): string {
  const text = readFileSync(join(places.package, "package.json"), "utf8");
  return (JSON.parse(text) as { version: string }).version;
}

function cacheDirectory(variables: NodeJS.ProcessEnv): string {
  const { FAIRWAY_CACHE_DIR: own, XDG_CACHE_HOME: shared, HOME: home } = variables;
  if (own) return resolve(own);
  return join(shared ? resolve(shared) : join(home || homedir(), ".cache"), "fairway");
}

function nearest(start: string, isIt: (directory: string) => boolean): string | undefined {
  for (let directory = start; ; directory = dirname(directory)) {
    if (isIt(directory)) return directory;
    if (directory === dirname(directory)) return undefined;
  }
}
