import type { ObservedMaintenance } from "../../../model/target.ts";
import { readJsonFile, writeJsonFile, type ProcessIdentity } from "../../../host/processes/processes.ts";

/** What an environment remembers on disk. No secret, and nothing that is needed to serve a request. */
export interface EnvironmentState {
  readonly schema: 1;
  readonly environment: string;
  readonly highestFencingToken: number;
  /** The stable port of each service's proxy. */
  readonly ports: Readonly<Record<string, number>>;
  /** The same of its idle address, where it ever had one. */
  readonly idlePorts?: Readonly<Record<string, number>>;
  /** The port that a Prometheus scrapes, where it ever had one. */
  readonly metricsPort?: number;
  /** The replicas that were running when this was written. */
  readonly replicas: readonly RecordedReplica[];
  readonly postgresMajor: string | null;
  readonly postgresPort: number | null;
  /** While visitors are kept out. */
  readonly maintenance?: Maintenance | null;
  /** A database that is being put in the place of another one. */
  readonly restoring?: Restoring | null;
  /** The deployment whose restore was the last that ended well. */
  readonly restoredBy?: string | null;
}

export interface Maintenance {
  /** RFC 3339, UTC. */
  readonly since: string;
  readonly by: string;
}

export interface Restoring {
  readonly deployment: string;
  readonly postgresMajor: string;
  /** False until a server has answered on what was put there: until then what was there before comes back. */
  readonly answered: boolean;
}

export interface RecordedReplica {
  readonly service: string;
  readonly index: number;
  /** It ran beside those that serve. */
  readonly beside?: true;
  readonly version: string;
  readonly image: string;
  readonly port: number;
  readonly readyPath: string;
  readonly startedAt: string;
  readonly identity: ProcessIdentity;
}

function emptyState(environment: string): EnvironmentState {
  return {
    schema: 1,
    environment,
    highestFencingToken: 0,
    ports: {},
    replicas: [],
    postgresMajor: null,
    postgresPort: null,
  };
}

export async function readState(file: string, environment: string): Promise<EnvironmentState> {
  return ((await readJsonFile(file)) as EnvironmentState | undefined) ?? emptyState(environment);
}

/** Writes one state after the other; `save` resolves when what it was given, or something newer, is on disk. */
export function createStateWriter(file: string): { save(state: EnvironmentState): Promise<void> } {
  let next: EnvironmentState | undefined;
  let writing: Promise<void> = Promise.resolve();
  return {
    save: (state) => {
      next = state;
      writing = writing
        .catch(() => undefined)
        .then(async () => {
          if (next === undefined) return;
          const latest = next;
          next = undefined;
          await writeJsonFile(file, latest);
        });
      return writing;
    },
  };
}

/** An older version kept with it what lets requests pass. */
export function seenMaintenance({
  maintenance,
}: Pick<EnvironmentState, "maintenance">): ObservedMaintenance | null {
  if (maintenance === undefined || maintenance === null) return null;
  const { since, by } = maintenance;
  return { since, by };
}
