import { createHash, randomUUID } from "node:crypto";
import type { PoolClient, QueryResult } from "pg";
import { canonicalJson } from "../../../model/canonical-json.ts";
import type { Clock } from "../../../model/clock.ts";
import { usageError } from "../../../model/errors.ts";
import { chain, firstPreviousHash } from "../../../model/event-chain.ts";
import type { Ledger, LedgerEvent, LedgerFilter } from "../../../model/ledger.ts";
import { eventOf, type EventRow } from "../event-row.ts";
import { openDatabase } from "./database.ts";
import { leaseStatements } from "./leases.ts";
import { migrate } from "./migrate.ts";

export interface PostgresLedgerOptions {
  /** `postgresql://user:password@host:5432/database`. Only host, port and database are ever shown. */
  readonly url: string;
  /** For the time of events. The time of leases is the server's. */
  readonly clock: Clock;
  /** Where the tables are; made when it is not there. @default "fairway" */
  readonly schema?: string;
  /** How long a server that does not answer is waited for, in seconds. @default 20 */
  readonly patienceSeconds?: number;
}

/**
 * A ledger in a PostgreSQL database, for everyone who reaches it. Appends wait for each other by an advisory lock, and the
 * lease is checked in the same transaction. After a connection was cut in the middle of a commit, the event is looked for by
 * its append id before it is written again: never lost, never twice.
 * @throws FairwayError LEDGER_UNREACHABLE, LEDGER_REFUSED, LEDGER_URL, LEDGER_TOO_NEW
 */
export async function openPostgresLedger(options: PostgresLedgerOptions): Promise<Ledger> {
  const { url, clock, schema = "fairway", patienceSeconds = 20 } = options;
  requireSchemaName(schema);
  const database = await openDatabase(url, patienceSeconds);
  const lockKey = lockKeyOf(schema);
  await migrate(database, schema, lockKey).catch(async (error: unknown) => {
    await database.close();
    throw error;
  });
  const leases = leaseStatements(schema);

  return {
    kind: "postgres",
    append: async (event, lease) => {
      const appendId = randomUUID();
      let mayBeThere = false;
      return database.transaction(async (client) => {
        const last = await begin(client, schema, lockKey);
        const before = mayBeThere ? await find(client, schema, appendId) : undefined;
        mayBeThere = true;
        if (before === undefined && lease !== undefined) await leases.require(client, lease);
        const at = clock.now().toISOString();
        const appended =
          before ?? chain(event, Number(last?.sequence ?? 0), last?.hash ?? firstPreviousHash, at);
        if (before === undefined) await insert(client, schema, appended, appendId);
        await client.query("COMMIT");
        return appended;
      });
    },
    read: async (filter = {}) => {
      const { text, values } = selection(schema, filter);
      return (await database.query<EventRow>(text, values)).map(eventOf);
    },
    acquire: (request) => leases.acquire(database, request),
    renew: (lease, ttlSeconds) => leases.renew(database, lease, ttlSeconds),
    release: (lease) => leases.release(database, lease),
    holder: (environment) => leases.holder(database, environment),
    close: () => database.close(),
  };
}

/**
 * Begins a transaction as the only writer, and says what the last event is. A process that is paused in here must not stop all
 * others: its transaction is ended by the server, and it begins again when it wakes up.
 */
async function begin(
  client: PoolClient,
  schema: string,
  lockKey: bigint,
): Promise<Pick<EventRow, "sequence" | "hash"> | undefined> {
  // Sent at once; each statement sees what was committed when it began, so the last one sees what the lock was waited for.
  const statements = [
    "BEGIN ISOLATION LEVEL READ COMMITTED",
    "SET LOCAL idle_in_transaction_session_timeout = '10s'",
    "SET LOCAL statement_timeout = '30s'",
    `SELECT pg_advisory_xact_lock(${String(lockKey)})`,
    `SELECT sequence, hash FROM ${schema}.events ORDER BY sequence DESC LIMIT 1`,
  ];
  const results = (await client.query(statements.join("; "))) as unknown as QueryResult<EventRow>[];
  return results.at(-1)?.rows[0];
}

async function find(client: PoolClient, schema: string, appendId: string): Promise<LedgerEvent | undefined> {
  const { rows } = await client.query<EventRow>(`SELECT * FROM ${schema}.events WHERE append_id = $1`, [
    appendId,
  ]);
  return rows[0] === undefined ? undefined : eventOf(rows[0]);
}

async function insert(
  client: PoolClient,
  schema: string,
  event: LedgerEvent,
  appendId: string,
): Promise<void> {
  await client.query(
    `INSERT INTO ${schema}.events
       (sequence, at, environment, deployment, type, actor, payload, previous_hash, hash, append_id)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)`,
    [
      event.sequence,
      event.at,
      event.environment,
      event.deployment,
      event.type,
      event.actor,
      canonicalJson(event.payload),
      event.previousHash,
      event.hash,
      appendId,
    ],
  );
}

function selection(schema: string, filter: LedgerFilter): { text: string; values: unknown[] } {
  const values: unknown[] = [filter.afterSequence ?? 0];
  const conditions = ["sequence > $1"];
  const require = (condition: (parameter: string) => string, value: unknown) => {
    if (value === undefined) return;
    values.push(value);
    conditions.push(condition(`$${String(values.length)}`));
  };
  require((parameter) => `environment = ${parameter}`, filter.environment);
  require((parameter) => `deployment = ${parameter}`, filter.deployment);
  require((parameter) => `type = ANY(${parameter})`, filter.types);
  const text = `SELECT * FROM ${schema}.events WHERE ${conditions.join(" AND ")} ORDER BY sequence`;
  return { text, values };
}

/** The name is a part of statements, so it has to be one that needs no quotes. */
function requireSchemaName(schema: string): void {
  if (/^[a-z_][a-z0-9_]{0,62}$/.test(schema) && !schema.startsWith("pg_")) return;
  throw usageError(`${JSON.stringify(schema)} cannot be the name of the ledger's schema`, {
    code: "LEDGER_SCHEMA",
    remedy: "Use lower case letters, digits and underscores; fairway is the default.",
  });
}

/** Advisory locks are numbers that all of a database share. */
function lockKeyOf(schema: string): bigint {
  return createHash("sha256").update(`fairway ledger ${schema}`).digest().readBigInt64BE();
}
