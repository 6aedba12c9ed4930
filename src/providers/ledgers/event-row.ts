import { failure } from "../../model/errors.ts";
import type { LedgerEvent } from "../../model/ledger.ts";

/** An event as the databases hold it; PostgreSQL answers a bigint as text. */
export interface EventRow {
  readonly sequence: number | string;
  readonly at: string;
  readonly environment: string;
  readonly deployment: string | null;
  readonly type: string;
  readonly actor: string;
  readonly payload: string;
  readonly previous_hash: string;
  readonly hash: string;
}

/** @throws FairwayError LEDGER_BROKEN (exit 1) that names the event */
export function eventOf(row: EventRow): LedgerEvent {
  return {
    sequence: Number(row.sequence),
    at: row.at,
    environment: row.environment,
    deployment: row.deployment,
    type: row.type,
    actor: row.actor,
    payload: payloadOf(row),
    previousHash: row.previous_hash,
    hash: row.hash,
  };
}

/** Nobody but a ledger writes there, and it writes JSON. */
function payloadOf({ payload, sequence, type }: EventRow): LedgerEvent["payload"] {
  try {
    return JSON.parse(payload) as LedgerEvent["payload"];
  } catch (error) {
    throw failure(
      `event ${String(sequence)} (${type}) of the ledger was changed: its payload is not JSON (${(error as Error).message})`,
      { code: "LEDGER_BROKEN", place: `event ${String(sequence)}`, cause: error },
    );
  }
}
