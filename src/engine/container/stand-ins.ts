import type { StandIn } from "../../host/sandbox/sandbox.ts";
import { hashOf } from "../../model/canonical-json.ts";
import type { Snapshot } from "../files/contents.ts";
import type { Session } from "../session.ts";

/** What this machine has in the place of images, and what it says of each, once. */
export class StandIns {
  readonly #session: Session;
  readonly #known = new Map<string, Promise<StandIn>>();

  constructor(session: Session) {
    this.#session = session;
  }

  async of(reference: string): Promise<StandIn> {
    const asked = this.#known.get(reference) ?? this.#session.sandbox.standIn(reference);
    this.#known.set(reference, asked);
    asked.catch(() => this.#known.delete(reference));
    const standIn = await asked;
    for (const note of standIn.notes) this.#session.events.note(note);
    return standIn;
  }
}

/** The stand-in's filesystem as it is before any step. */
export function snapshotOf(standIn: StandIn): Snapshot {
  const layers = standIn.stack.map((layer) => layer.id);
  const key = hashOf(["stand-in", standIn.reference, { ...standIn.variables }, layers]);
  return { kind: "snapshot", key, standIn, stack: [], edits: [] };
}
