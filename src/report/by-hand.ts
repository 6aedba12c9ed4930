import type { LedgerEvent } from "../model/ledger.ts";

/** What a person did to an environment beside its deployments. */
export interface HandChange {
  readonly environment: string;
  readonly action: "maintenance on" | "maintenance off" | "down";
  /** Of `down`: whether the data went too. */
  readonly dataRemoved: boolean;
  readonly actor: string;
  /** RFC 3339, UTC. */
  readonly at: string;
  readonly reason: string | null;
  /** False for a removal of data that began, and whose end nobody wrote down. */
  readonly ended: boolean;
}

/** In the order of the ledger. */
export function handChanges(events: readonly LedgerEvent[]): readonly HandChange[] {
  const changes: HandChange[] = [];
  for (const event of events) {
    const { on, reason, dataRemoved } = event.payload as HandPayload;
    const facts = { environment: event.environment, actor: event.actor, at: event.at };
    const last = changes.at(-1);
    if (event.type === "maintenance-changed") {
      const action = on === true ? "maintenance on" : "maintenance off";
      changes.push({ ...facts, action, dataRemoved: false, reason: reason || null, ended: true });
    }
    if (event.type === "data-removal-started") {
      changes.push({ ...facts, action: "down", dataRemoved: true, reason: reason || null, ended: false });
    }
    if (event.type === "environment-stopped") {
      // The removal that it ends is the same change.
      if (last?.ended === false) changes.pop();
      changes.push({
        ...facts,
        action: "down",
        dataRemoved: dataRemoved === true,
        reason: reason || null,
        ended: true,
      });
    }
  }
  return changes;
}

interface HandPayload {
  readonly on?: boolean;
  readonly reason?: string;
  readonly dataRemoved?: boolean;
}
