import { randomUUID } from "node:crypto";
import { PrismaPg } from "@prisma/adapter-pg";
import { ColumnTypeEnum, DriverAdapterError, type SqlDriverAdapter } from "@prisma/driver-adapter-utils";
import pg from "pg";

/** What `prisma migrate` needs from PostgreSQL: @prisma/adapter-pg, less its sharp edges (Prisma 6.19). */
export function migrationAdapter(url: string | undefined): PrismaPg {
  letTheCommandEnd();
  return new MigrationAdapter(url);
}

class MigrationAdapter extends PrismaPg {
  readonly #url: string | undefined;

  constructor(url: string | undefined) {
    super({});
    this.#url = url;
  }

  override async connect(): ReturnType<PrismaPg["connect"]> {
    const pool = new MigrationPool(connectionOf(this.#url));
    return adjusted(await new PrismaPg(pool, { disposeExternalPool: true }).connect(), pool);
  }

  /** A scratch database in which Prisma replays the migrations; dropped at the end, with its connections. */
  override async connectToShadowDb(): ReturnType<PrismaPg["connectToShadowDb"]> {
    const connection = connectionOf(this.#url);
    const database = `prisma_shadow_${randomUUID().replaceAll("-", "")}`;
    const server = new MigrationPool(connection);
    await server.query(`CREATE DATABASE "${database}"`);
    const pool = new MigrationPool({ ...connection, database });
    const shadow = adjusted(await new PrismaPg(pool).connect(), pool);
    const executeRaw = shadow.executeRaw.bind(shadow);
    // Here a migration is replayed by executeRaw.
    shadow.executeRaw = async (query) => {
      if (query.args.length > 0) return executeRaw(query);
      return (await pool.query(query.sql).catch(toldByPostgres)).rowCount ?? 0;
    };
    shadow.dispose = async () => {
      await pool.end();
      await server.query(`DROP DATABASE "${database}" WITH (FORCE)`);
      await server.end();
    };
    return shadow;
  }
}

function adjusted<T extends SqlDriverAdapter>(connection: T, pool: pg.Pool): T {
  const queryRaw = connection.queryRaw.bind(connection);
  connection.queryRaw = async (query) => {
    const answer = await queryRaw(query);
    for (const column of characterColumns.get(answer.rows) ?? []) {
      answer.columnTypes[column] = ColumnTypeEnum.Character;
    }
    return answer;
  };
  // A migration goes out as it was written; the adapter would cut it at each semicolon, also inside strings.
  connection.executeScript = async (script) => {
    await pool.query(script).catch(toldByPostgres);
  };
  return connection;
}

/** PostgreSQL's own words: of another error Prisma prints a number, and for a code that it knows words of its own. */
function toldByPostgres(error: unknown): never {
  if (!(error instanceof pg.DatabaseError)) throw error;
  const { message, code, detail, hint } = error;
  const lines = [`${message} (SQLSTATE ${code ?? "unknown"})`];
  if (detail !== undefined) lines.push(`DETAIL: ${detail}`);
  if (hint !== undefined) lines.push(`HINT: ${hint}`);
  throw postgresError(lines.join("\n"), error.severity);
}

/** A pool that lets the process end while it is idle, and whose catalogue columns Prisma can read. */
class MigrationPool extends pg.Pool {
  constructor(connection: pg.PoolConfig) {
    super({ ...connection, allowExitOnIdle: true, Client: MigrationClient });
  }
}

class MigrationClient extends pg.Client {
  // pg's `query` has a dozen overloads; the pool calls it with a callback, transactions wait for its promise.
  override query = ((...parameters: unknown[]) => {
    const query = super.query.bind(this) as (...all: unknown[]) => unknown;
    const callback = parameters.at(-1) as ((error: unknown, result?: Result) => void) | undefined;
    if (typeof callback !== "function") return (query(...parameters) as Promise<Result>).then(readable);
    return query(...parameters.slice(0, -1), (error: unknown, result?: Result) => {
      callback(error, result && readable(result));
    });
  }) as pg.Client["query"];
}

type Result = pg.QueryResult | pg.QueryResult[];

/** Types of PostgreSQL's catalogue that the adapter does not know. */
const charType = 18;
const nameType = 19;
const textType = 25;

/** By the rows of an answer: its columns of type "char", which Prisma wants as characters, not as text. */
const characterColumns = new WeakMap<unknown[], number[]>();

function readable(result: Result): Result {
  for (const { fields, rows } of Array.isArray(result) ? result : [result]) {
    characterColumns.set(
      rows,
      fields.flatMap((field, index) => (field.dataTypeID === charType ? [index] : [])),
    );
    for (const field of fields) {
      if (field.dataTypeID === charType || field.dataTypeID === nameType) field.dataTypeID = textType;
    }
  }
  return result;
}

/** Fields, not a connection string: the string would win over the shadow database's name. */
function connectionOf(url: string | undefined): pg.PoolConfig {
  // Said here, not when the configuration is read: `prisma generate` needs no database.
  if (!url) throw missingUrl();
  const { hostname, port, username, password, pathname, searchParams } = new URL(url);
  return {
    host: searchParams.get("host") ?? decodeURIComponent(hostname),
    port: Number(port || "5432"),
    user: decodeURIComponent(username),
    password: decodeURIComponent(password),
    database: decodeURIComponent(pathname.slice(1)),
    ...(searchParams.get("sslmode") === "require" ? { ssl: true } : {}),
  };
}

function missingUrl(): DriverAdapterError {
  return postgresError("DATABASE_URL is not set: postgresql://user:password@host:port/database", "FATAL");
}

function postgresError(message: string, severity = "ERROR"): DriverAdapterError {
  return new DriverAdapterError({
    kind: "postgres",
    code: "N/A",
    severity,
    message,
    detail: undefined,
    column: undefined,
    hint: undefined,
  });
}

/** The engine sets a ten-second lock timer that it never clears, and the command would wait for it. */
function letTheCommandEnd(): void {
  const setTimer = globalThis.setTimeout;
  const setTimerUnlessLock = (...parameters: Parameters<typeof setTimer>) => {
    const timer = setTimer(...parameters);
    return parameters[1] === 10_000 ? timer.unref() : timer;
  };
  globalThis.setTimeout = Object.assign(setTimerUnlessLock, { __promisify__: setTimer.__promisify__ });
}
