import { rm } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { startPostgres, type RunningPostgres } from "../../../host/postgres/postgres.ts";

/** The PostgreSQL server of an environment. */
export interface EnvironmentDatabase {
  readonly url: string;
  readonly port: number;
  readonly version: string;
  running(): boolean;
  stop(): Promise<void>;
}

export interface DatabaseOptions {
  /** Holds one data directory for a major: another major starts empty, and the old data stays. */
  readonly directory: string;
  readonly major: string;
  /** The name of the database. */
  readonly name: string;
  /** The port that it had before. */
  readonly port: number | undefined;
  readonly log: (line: string) => void;
}

/** Restarts after a crash of the server, with the pause before each. */
const restartPausesMs = [200, 1_000, 5_000, 30_000];

/** Starts the server; from then on it is started again when it ends by itself. */
export async function startDatabase(options: DatabaseOptions): Promise<EnvironmentDatabase> {
  const log = (line: string) => {
    options.log(`postgres: ${line}`);
  };
  const dataDirectory = join(options.directory, options.major);
  const start = (port: number | undefined) =>
    startPostgres({
      dataDirectory,
      major: options.major,
      database: options.name,
      log,
      ...(port === undefined ? {} : { port }),
    });
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
    stop: async () => {
      stopping.abort();
      await server?.stop();
      // It may just be started again.
      await watching;
    },
  };
}

export async function removeDatabase(directory: string): Promise<void> {
  await rm(directory, { recursive: true, force: true });
}
