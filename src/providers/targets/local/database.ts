import { rm } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { holdsData, startPostgres, type RunningPostgres } from "../../../host/postgres/postgres.ts";
import { failure, held } from "../../../model/errors.ts";
import type { ObservedDatabase } from "../../../model/target.ts";
import type { EnvironmentState } from "./state.ts";

/** The PostgreSQL server of an environment. */
export interface EnvironmentDatabase {
  readonly url: string;
  readonly port: number;
  readonly version: string;
  running(): boolean;
  /** Copies its data while it is at work. @returns bytes @throws FairwayError DISK_FULL, DATABASE_DOWN */
  backUp(to: string, signal: AbortSignal): Promise<number>;
  stop(): Promise<void>;
}

export interface DatabaseOptions {
  readonly environment: string;
  /** Holds one data directory for a major: another major starts empty, and the old data stays. */
  readonly directory: string;
  readonly major: string;
  /** The name of the database. */
  readonly name: string;
  /** True when it has had data: then there is nothing that an empty one could be put in the place of. */
  readonly hasData: boolean;
  /** The port that it had before. */
  readonly port: number | undefined;
  readonly log: (line: string) => void;
}

/** Restarts after a crash of the server, with the pause before each. */
const restartPausesMs = [200, 1_000, 5_000, 30_000];

/**
 * Starts the server; from then on it is started again when it ends by itself.
 * @throws FairwayError DATABASE_LOST (exit 3), and what PostgreSQL's start throws
 */
export async function startDatabase(options: DatabaseOptions): Promise<EnvironmentDatabase> {
  const log = (line: string) => {
    options.log(`postgres: ${line}`);
  };
  const dataDirectory = join(options.directory, options.major);
  let { hasData } = options;
  const start = async (port: number | undefined) => {
    // PostgreSQL would be given an empty one, and nobody would be told.
    if (hasData && !holdsData(dataDirectory)) throw dataLost(options.environment, dataDirectory);
    const started = await startPostgres({
      dataDirectory,
      major: options.major,
      database: options.name,
      log,
      ...(port === undefined ? {} : { port }),
    });
    hasData = true;
    return started;
  };
  // The port that it had may be taken meanwhile.
  let server: RunningPostgres | undefined = await start(options.port).catch((error: unknown) => {
    if (options.port === undefined || (error as { code?: string }).code !== "POSTGRES_NOT_STARTED")
      throw error;
    return start(undefined);
  });
  const { port, version } = server;
  const url = server.url();
  const stopping = new AbortController();
  const isStopping = () => stopping.signal.aborted;

  /** The server once more; undefined when it cannot be started, or is not wanted any more. */
  const startAgain = async (): Promise<RunningPostgres | undefined> => {
    for (const pauseMs of restartPausesMs) {
      await sleep(pauseMs, undefined, { signal: stopping.signal }).catch(() => undefined);
      if (isStopping()) return undefined;
      log("it ended, and is started again");
      const started = await start(port).catch((error: unknown) => {
        log(`it cannot be started: ${String(error)}`);
        return undefined;
      });
      if (started === undefined) continue;
      if (!isStopping()) return started;
      await started.stop();
      return undefined;
    }
    log("it is not started again");
    return undefined;
  };

  const watch = async (): Promise<void> => {
    while (server !== undefined) {
      await server.exited;
      server = undefined;
      server = await startAgain();
    }
  };
  const watching = watch();
  // Whoever stops it hears of it.
  watching.catch(() => undefined);

  return {
    url,
    port,
    version,
    running: () => server !== undefined,
    backUp: async (to, signal) => {
      if (server !== undefined) return server.backUp(to, signal);
      throw failure(`the database of ${options.environment} does not run, so it cannot be backed up`, {
        code: "DATABASE_DOWN",
        remedy: `What it said: npx fairway logs --env ${options.environment}`,
      });
    },
    stop: async () => {
      stopping.abort();
      await server?.stop();
      // It may just be started again.
      await watching;
    },
  };
}

/** What is known of a database whose server does not run; `major` is null where there never was one. */
export function stoppedDatabase(
  directory: string,
  { postgresMajor: major, restoring }: Pick<EnvironmentState, "postgresMajor" | "restoring">,
): ObservedDatabase | null {
  if (major === null) return null;
  const dataDirectory = join(directory, major);
  // In the middle of a restore it lies beside.
  const isThere = holdsData(dataDirectory) || (restoring ?? null) !== null;
  const lost = isThere ? {} : { lostData: dataDirectory };
  return { running: false, version: major, ...lost };
}

export async function removeDatabase(directory: string): Promise<void> {
  await rm(directory, { recursive: true, force: true });
}

function dataLost(environment: string, dataDirectory: string): Error {
  return held(`the data of ${environment}'s database is gone`, {
    code: "DATABASE_LOST",
    place: dataDirectory,
    remedy:
      "bring the directory back and deploy again; or begin with an empty database:\n" +
      `npx fairway down --env ${environment} --remove-data\n` +
      `npx fairway deploy --env ${environment}`,
  });
}
