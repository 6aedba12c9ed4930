import { hashOf } from "../../model/canonical-json.ts";
import { firstBrokenEvent } from "../../model/event-chain.ts";
import type { LedgerEvent } from "../../model/ledger.ts";
import { eventName, type Finding } from "./finding.ts";

/** Whether all events of a ledger are there, in order, unchanged: as far as a chain can tell by itself. */
export function chainFindings(events: readonly LedgerEvent[]): readonly Finding[] {
  const broken = firstBrokenEvent(events);
  if (broken === null) return [];
  const at = events.findIndex(({ sequence }) => sequence === broken.sequence);
  const event = events[at];
  const before = events.findLast(({ sequence }) => sequence < broken.sequence);
  if (event === undefined) {
    const after = events.find(({ sequence }) => sequence > broken.sequence);
    const between = [before, after].filter((one) => one !== undefined).map(eventName);
    const where = before === undefined ? `before ${between.join("")}` : `between ${between.join(" and ")}`;
    return [
      { code: "LEDGER_BROKEN", place: `event ${String(broken.sequence)}`, why: `it is missing, ${where}` },
    ];
  }
  return [{ code: "LEDGER_BROKEN", place: eventName(event), why: whyBroken(event, before) }];
}

/** In hashes, so that whoever looks for the change knows which side of it they have. */
function whyBroken(event: LedgerEvent, before: LedgerEvent | undefined): string {
  const content = contentFinding(event);
  if (before !== undefined && event.previousHash !== before.hash) {
    const link = `it follows an event with the hash ${event.previousHash}, and ${eventName(before)} has ${before.hash}`;
    return content === null ? link : `${link}; ${content}`;
  }
  return content ?? "it stands in the wrong place, or follows an event that is not there";
}

/** Why an event is not what its own hash says; null when it is. Needs no other event. */
export function contentFinding({ hash, ...body }: LedgerEvent): string | null {
  const is = hashOf(body);
  return is === hash ? null : `its content has the hash ${is}, and it says ${hash}`;
}
