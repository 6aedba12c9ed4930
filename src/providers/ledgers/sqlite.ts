import { existsSync, mkdirSync } from "node:fs";
import { dirname } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { pathToFileURL } from "node:url";
import type { DatabaseSync } from "node:sqlite";
import { canonicalJson } from "../../model/canonical-json.ts";
import type { Clock } from "../../model/clock.ts";
import { exitCodes, FairwayError, isFairwayError } from "../../model/errors.ts";
import { chain, firstPreviousHash } from "../../model/event-chain.ts";
import type {
  Lease,
  LeaseAnswer,
  LeaseRequest,
  Ledger,
  LedgerEvent,
  LedgerFilter,
} from "../../model/ledger.ts";
import { leaseLost } from "./lease-lost.ts";
import { eventOf, type EventRow } from "./event-row.ts";

/**
 * A ledger in one SQLite file on this machine's disk. Every write is one immediate transaction, so that two
 * processes never see the same sequence, and the lease is checked inside of it.
 */
export async function openSqliteLedger(path: string, clock: Clock): Promise<Ledger> {
  mkdirSync(dirname(path), { recursive: true });
  const { DatabaseSync } = await import("node:sqlite");
  const database = await open(() => new DatabaseSync(path, { timeout: 5000 }), path);
  const now = () => clock.now().toISOString();

  return {
    kind: "sqlite",
    append: async (event, lease) =>
      inTransaction(database, () => {
        if (lease !== undefined) requireLease(database, lease);
        const last = database
          .prepare("SELECT sequence, hash FROM events ORDER BY sequence DESC LIMIT 1")
          .get() as Pick<LedgerEvent, "sequence" | "hash"> | undefined;
        const appended = chain(event, last?.sequence ?? 0, last?.hash ?? firstPreviousHash, now());
        database
          .prepare(
            `INSERT INTO events (sequence, at, environment, deployment, type, actor, payload, previous_hash, hash)
             VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)`,
          )
          .run(
            appended.sequence,
            appended.at,
            appended.environment,
            appended.deployment,
            appended.type,
            appended.actor,
            canonicalJson(appended.payload),
            appended.previousHash,
            appended.hash,
          );
        return appended;
      }),
    read: async (filter = {}) => readEvents(database, filter),
    acquire: async (request) => inTransaction(database, () => acquire(database, request, clock.now())),
    renew: async (lease, ttlSeconds) =>
      inTransaction(database, () => {
        requireLease(database, lease);
        const expiresAt = after(clock.now(), ttlSeconds);
        database
          .prepare("UPDATE leases SET expires_at = ? WHERE environment = ?")
          .run(expiresAt, lease.environment);
        return { ...lease, expiresAt };
      }),
    release: async (lease) => {
      database
        .prepare("UPDATE leases SET expires_at = '' WHERE environment = ? AND fencing_token = ?")
        .run(lease.environment, lease.fencingToken);
    },
    holder: async (environment) => currentLease(database, environment, now()),
    close: async () => {
      database.close();
    },
  };
}

/** What is in a ledger's file now, and who holds which lease; null where there is no such file. */
export interface LedgerContents {
  readonly events: readonly LedgerEvent[];
  readonly leases: readonly Lease[];
}

/** Nothing is made or written for it, but a reader's mark in the shared memory of a ledger that has a log beside it. */
export async function lookIntoSqliteLedger(path: string): Promise<LedgerContents | null> {
  if (!existsSync(path)) return null;
  const { DatabaseSync } = await import("node:sqlite");
  const file = pathToFileURL(path);
  // Without a log beside it the file is all there is, and to read it as any other would make one.
  if (!existsSync(`${path}-wal`)) file.searchParams.set("immutable", "1");
  let database: DatabaseSync | undefined;
  try {
    database = new DatabaseSync(file, { readOnly: true, timeout: 5000 });
    const rows = database.prepare("SELECT * FROM leases").all() as unknown as LeaseRow[];
    return { events: readEvents(database, {}), leases: rows.map(leaseOf) };
  } catch (error) {
    if (isFairwayError(error)) throw error;
    throw unreadable(error instanceof Error ? error.message : String(error), path, error);
  } finally {
    database?.close();
  }
}

const schema = `
CREATE TABLE IF NOT EXISTS events (
  sequence INTEGER PRIMARY KEY,
  at TEXT NOT NULL,
  environment TEXT NOT NULL,
  deployment TEXT,
  type TEXT NOT NULL,
  actor TEXT NOT NULL,
  payload TEXT NOT NULL,
  previous_hash TEXT NOT NULL,
  hash TEXT NOT NULL
) STRICT;
CREATE INDEX IF NOT EXISTS events_by_environment ON events (environment, sequence);
CREATE TRIGGER IF NOT EXISTS events_are_not_changed BEFORE UPDATE ON events
  BEGIN SELECT RAISE(ABORT, 'the ledger is append-only'); END;
CREATE TRIGGER IF NOT EXISTS events_are_not_removed BEFORE DELETE ON events
  BEGIN SELECT RAISE(ABORT, 'the ledger is append-only'); END;
CREATE TABLE IF NOT EXISTS leases (
  environment TEXT PRIMARY KEY,
  holder TEXT NOT NULL,
  purpose TEXT NOT NULL,
  fencing_token INTEGER NOT NULL,
  acquired_at TEXT NOT NULL,
  expires_at TEXT NOT NULL
) STRICT;
`;

/** Several may open a new file at once, and the switch to WAL does not wait for its turn. */
async function open(connect: () => DatabaseSync, path: string): Promise<DatabaseSync> {
  for (let attempt = 1; ; attempt += 1) {
    let database: DatabaseSync | undefined;
    try {
      database = connect();
      database.exec("PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;");
      database.exec(schema);
      return database;
    } catch (error) {
      database?.close();
      const message = error instanceof Error ? error.message : String(error);
      if (!/locked|busy/.test(message) || attempt === 50) throw unreadable(message, path, error);
      await sleep(100);
    }
  }
}

function unreadable(message: string, path: string, cause: unknown): FairwayError {
  return new FairwayError(`The ledger cannot be opened: ${message}`, {
    code: "LEDGER_UNREADABLE",
    exitCode: exitCodes.failed,
    place: path,
    remedy:
      "Check that the file is an SQLite database which this user may write, and that the disk is not full.",
    cause,
  });
}

function inTransaction<T>(database: DatabaseSync, work: () => T): T {
  database.exec("BEGIN IMMEDIATE");
  try {
    const result = work();
    database.exec("COMMIT");
    return result;
  } catch (error) {
    if (database.isTransaction) database.exec("ROLLBACK");
    throw error;
  }
}

function readEvents(database: DatabaseSync, filter: LedgerFilter): LedgerEvent[] {
  const conditions = ["sequence > ?"];
  const values: (string | number)[] = [filter.afterSequence ?? 0];
  if (filter.environment !== undefined) {
    conditions.push("environment = ?");
    values.push(filter.environment);
  }
  if (filter.deployment !== undefined) {
    conditions.push("deployment = ?");
    values.push(filter.deployment);
  }
  if (filter.types !== undefined) {
    conditions.push(`type IN (${filter.types.map(() => "?").join(", ")})`);
    values.push(...filter.types);
  }
  const rows = database
    .prepare(`SELECT * FROM events WHERE ${conditions.join(" AND ")} ORDER BY sequence`)
    .all(...values) as unknown as EventRow[];
  return rows.map(eventOf);
}

interface LeaseRow {
  environment: string;
  holder: string;
  purpose: string;
  fencing_token: number;
  acquired_at: string;
  expires_at: string;
}

function acquire(database: DatabaseSync, request: LeaseRequest, now: Date): LeaseAnswer {
  const held = currentLease(database, request.environment, now.toISOString());
  // A living holder writes at most its own time from now: an end far beyond that was written by a clock that went back.
  const latest = after(now, 2 * request.ttlSeconds);
  if (held !== null && held.expiresAt <= latest) return { granted: false, holder: held };
  const row = leaseRow(database, request.environment);
  const lease: Lease = {
    environment: request.environment,
    holder: request.holder,
    purpose: request.purpose,
    fencingToken: (row?.fencing_token ?? 0) + 1,
    acquiredAt: now.toISOString(),
    expiresAt: after(now, request.ttlSeconds),
  };
  database
    .prepare("INSERT OR REPLACE INTO leases VALUES (?, ?, ?, ?, ?, ?)")
    .run(
      lease.environment,
      lease.holder,
      lease.purpose,
      lease.fencingToken,
      lease.acquiredAt,
      lease.expiresAt,
    );
  return { granted: true, lease };
}

function currentLease(database: DatabaseSync, environment: string, now: string): Lease | null {
  const row = leaseRow(database, environment);
  return row === undefined || row.expires_at <= now ? null : leaseOf(row);
}

function leaseOf(row: LeaseRow): Lease {
  return {
    environment: row.environment,
    holder: row.holder,
    purpose: row.purpose,
    fencingToken: row.fencing_token,
    acquiredAt: row.acquired_at,
    expiresAt: row.expires_at,
  };
}

function leaseRow(database: DatabaseSync, environment: string): LeaseRow | undefined {
  return database.prepare("SELECT * FROM leases WHERE environment = ?").get(environment) as
    LeaseRow | undefined;
}

/** The token decides, not the time: a holder that slept goes on unless somebody else has taken over meanwhile. */
function requireLease(database: DatabaseSync, lease: Lease): void {
  const row = leaseRow(database, lease.environment);
  if (row?.fencing_token === lease.fencingToken && row.expires_at !== "") return;
  throw leaseLost(
    lease.environment,
    row === undefined || row.fencing_token === lease.fencingToken ? null : row,
  );
}

function after(time: Date, seconds: number): string {
  return new Date(time.getTime() + seconds * 1000).toISOString();
}
