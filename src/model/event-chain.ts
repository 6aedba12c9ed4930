import { hashOf } from "./canonical-json.ts";
import type { LedgerEvent, NewLedgerEvent } from "./ledger.ts";

/** What the first event of a ledger has as its predecessor's hash. */
export const firstPreviousHash = `sha256:${"0".repeat(64)}`;

/** The event as it stands in the ledger: numbered, dated, and bound to the one before it. */
export function chain(
  event: NewLedgerEvent,
  lastSequence: number,
  previousHash: string,
  at: string,
): LedgerEvent {
  const body = {
    environment: event.environment,
    deployment: event.deployment,
    type: event.type,
    actor: event.actor,
    payload: event.payload,
    sequence: lastSequence + 1,
    at,
    previousHash,
  };
  return { ...body, hash: hashOf(body) };
}

/** Where a chain is broken: the first event whose content or predecessor is not what its hash says, else null. */
export function firstBrokenEvent(
  events: readonly LedgerEvent[],
): { sequence: number; reason: string } | null {
  let previousHash = firstPreviousHash;
  let expectedSequence = 1;
  for (const { hash, ...body } of events) {
    if (body.sequence !== expectedSequence) {
      return { sequence: expectedSequence, reason: `event ${String(expectedSequence)} is missing` };
    }
    if (body.previousHash !== previousHash) {
      return { sequence: body.sequence, reason: "it does not follow the event before it" };
    }
    if (hashOf(body) !== hash) {
      return { sequence: body.sequence, reason: "its content is not what its hash says" };
    }
    previousHash = hash;
    expectedSequence += 1;
  }
  return null;
}
