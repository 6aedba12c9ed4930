import { setTimeout as sleep } from "node:timers/promises";
import type { PoolClient, QueryResultRow } from "pg";
import { isFairwayError, usageError } from "../../../model/errors.ts";
import { backOffMs } from "../back-off.ts";
import { refused, unreachable } from "./failures.ts";

/** A database whose connections may be cut, and whose server may be restarted. */
export interface Database {
  /** `host:port/database`: what an error may show of the URL. */
  readonly place: string;
  /** One statement. It may run twice, so its second time must change nothing. */
  query<Row extends QueryResultRow>(text: string, values?: readonly unknown[]): Promise<Row[]>;
  /**
   * `work` in one transaction, which it begins and commits itself. It may run twice, and after a commit whose outcome is
   * not known, so it has to look for what it did before.
   */
  transaction<T>(work: (client: PoolClient) => Promise<T>): Promise<T>;
  close(): Promise<void>;
}

/** @throws FairwayError LEDGER_URL (exit 2) for what is not the URL of a PostgreSQL database */
export async function openDatabase(url: string, patienceSeconds: number): Promise<Database> {
  const place = placeOf(url);
  const { default: pg } = await import("pg");
  const pool = new pg.Pool({
    connectionString: url,
    // Appends wait for each other anyway; the second connection is for what is asked meanwhile.
    max: 2,
    connectionTimeoutMillis: 10_000,
    query_timeout: 60_000,
    keepAlive: true,
    allowExitOnIdle: true,
    application_name: "fairway",
  });
  // An idle connection that is cut is replaced when the next is needed.
  pool.on("error", () => undefined);
  const passes = (error: unknown) =>
    error instanceof pg.DatabaseError ? passing.has(error.code ?? "") : isLostConnection(error);

  let closed: Promise<void> | undefined;

  const patiently = async <T>(work: (client: PoolClient) => Promise<T>): Promise<T> => {
    const until = performance.now() + patienceSeconds * 1000;
    for (let attempt = 1; ; attempt += 1) {
      try {
        return await onOneConnection(await pool.connect(), work);
      } catch (error) {
        if (isFairwayError(error) || isOurs(error)) throw error;
        if (!passes(error)) throw refused(error, place);
        if (attempt > 1 && performance.now() > until) throw unreachable(error, place, patienceSeconds);
        await sleep(backOffMs(attempt, 1000));
      }
    }
  };

  return {
    place,
    query: (text, values = []) =>
      patiently(async (client) => (await client.query(text, [...values])).rows as never),
    transaction: patiently,
    close: () => (closed ??= pool.end()),
  };
}

/** A connection on which something failed is closed, and its transaction with it. */
async function onOneConnection<T>(client: PoolClient, work: (client: PoolClient) => Promise<T>): Promise<T> {
  // Told to the query that waits; without a listener it would end the process.
  const onError = () => undefined;
  client.on("error", onError);
  let failed = true;
  try {
    const result = await work(client);
    failed = false;
    return result;
  } finally {
    client.off("error", onError);
    client.release(failed);
  }
}

/** @see https://www.postgresql.org/docs/current/errcodes-appendix.html */
const passing = new Set([
  ...["08000", "08001", "08003", "08004", "08006", "08P01"], // the connection
  ...["57P01", "57P02", "57P03", "25P03", "25P04"], // shut down, starting up, or ended because we slept
  ...["53300", "57014", "55P03", "40001", "40P01"], // too many connections; waited too long for another
]);

/** What the driver says of a socket has no class of its own. A host without an address stays without one. */
function isLostConnection(error: unknown): boolean {
  return (error as NodeJS.ErrnoException).code !== "ENOTFOUND";
}

function isOurs(error: unknown): boolean {
  return error instanceof TypeError || error instanceof RangeError;
}

function placeOf(url: string): string {
  const parsed = URL.parse(url);
  if (parsed !== null && /^postgres(ql)?:$/.test(parsed.protocol) && parsed.hostname !== "") {
    return `${parsed.hostname}:${parsed.port || "5432"}${parsed.pathname}`;
  }
  throw usageError("the ledger's URL is not that of a PostgreSQL database", {
    code: "LEDGER_URL",
    place: "ledger.postgres.url",
    remedy: "The secret's value has this form: postgresql://user:password@host:5432/database",
  });
}
