import { randomUUID } from "node:crypto";
import type { PoolClient } from "pg";
import type { Lease, LeaseAnswer, LeaseRequest } from "../../../model/ledger.ts";
import { leaseLost } from "../lease-lost.ts";
import type { Database } from "./database.ts";

interface LeaseRow {
  readonly environment: string;
  readonly holder: string;
  readonly purpose: string;
  readonly fencing_token: string;
  readonly acquired_at: Date;
  readonly expires_at: Date | null;
}

/** Leases by the server's clock alone: those of the machines that ask for them may differ as they like. */
export interface LeaseStatements {
  acquire(database: Database, request: LeaseRequest): Promise<LeaseAnswer>;
  renew(database: Database, lease: Lease, ttlSeconds: number): Promise<Lease>;
  release(database: Database, lease: Lease): Promise<void>;
  holder(database: Database, environment: string): Promise<Lease | null>;
  /** Also keeps others from taking the lease until the transaction ends. */
  require(client: PoolClient, lease: Lease): Promise<void>;
}

export function leaseStatements(schema: string): LeaseStatements {
  const leases = `${schema}.leases`;
  const rowOf = async (database: Database, environment: string) =>
    (await database.query<LeaseRow>(`SELECT * FROM ${leases} WHERE environment = $1`, [environment]))[0];
  const holder: LeaseStatements["holder"] = async (database, environment) => {
    const rows = await database.query<LeaseRow>(
      `SELECT * FROM ${leases} WHERE environment = $1 AND expires_at > clock_timestamp()`,
      [environment],
    );
    return rows[0] === undefined ? null : leaseOf(rows[0]);
  };

  return {
    acquire: async (database, request) => {
      const { environment, purpose, ttlSeconds } = request;
      const grantId = randomUUID();
      for (;;) {
        const granted = await database.query<LeaseRow>(acquisition(leases), [
          environment,
          request.holder,
          purpose,
          ttlSeconds,
          grantId,
        ]);
        if (granted[0] !== undefined) return { granted: true, lease: leaseOf(granted[0]) };
        const current = await holder(database, environment);
        // Otherwise it ended between the two questions.
        if (current !== null) return { granted: false, holder: current };
      }
    },
    renew: async (database, lease, ttlSeconds) => {
      const rows = await database.query<LeaseRow>(
        `UPDATE ${leases} SET expires_at = clock_timestamp() + make_interval(secs => $3)
         WHERE environment = $1 AND fencing_token = $2 AND expires_at IS NOT NULL RETURNING *`,
        [lease.environment, lease.fencingToken, ttlSeconds],
      );
      if (rows[0] !== undefined) return leaseOf(rows[0]);
      throw lost(lease, await rowOf(database, lease.environment));
    },
    release: async (database, lease) => {
      await database.query(
        `UPDATE ${leases} SET expires_at = NULL WHERE environment = $1 AND fencing_token = $2`,
        [lease.environment, lease.fencingToken],
      );
    },
    holder,
    // The token decides, not the time: a holder that slept goes on unless somebody else has taken over meanwhile.
    require: async (client, lease) => {
      const { rows } = await client.query<LeaseRow>(
        `SELECT * FROM ${leases} WHERE environment = $1 FOR SHARE`,
        [lease.environment],
      );
      if (Number(rows[0]?.fencing_token) === lease.fencingToken && rows[0]?.expires_at !== null) return;
      throw lost(lease, rows[0]);
    },
  };
}

/**
 * Grants what is free, ended, given back, or ends beyond what a living holder writes (by a clock that went back). Sent twice
 * with the same grant id it grants once.
 */
function acquisition(leases: string): string {
  return `
    INSERT INTO ${leases} AS held (environment, holder, purpose, fencing_token, acquired_at, expires_at, grant_id)
    VALUES ($1, $2, $3, 1, clock_timestamp(), clock_timestamp() + make_interval(secs => $4), $5)
    ON CONFLICT (environment) DO UPDATE SET
      holder = excluded.holder,
      purpose = excluded.purpose,
      fencing_token = held.fencing_token + CASE WHEN held.grant_id = $5 THEN 0 ELSE 1 END,
      acquired_at = clock_timestamp(),
      expires_at = clock_timestamp() + make_interval(secs => $4),
      grant_id = excluded.grant_id
    WHERE held.grant_id = $5
      OR held.expires_at IS NULL
      OR held.expires_at <= clock_timestamp()
      OR held.expires_at > clock_timestamp() + make_interval(secs => 2 * $4)
    RETURNING *`;
}

function lost(lease: Lease, row: LeaseRow | undefined): Error {
  const taken = row !== undefined && Number(row.fencing_token) !== lease.fencingToken;
  return leaseLost(lease.environment, taken ? row : null);
}

function leaseOf(row: LeaseRow): Lease {
  return {
    environment: row.environment,
    holder: row.holder,
    purpose: row.purpose,
    fencingToken: Number(row.fencing_token),
    acquiredAt: row.acquired_at.toISOString(),
    expiresAt: (row.expires_at ?? row.acquired_at).toISOString(),
  };
}
