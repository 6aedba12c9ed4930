import { z } from "zod";
import { failure } from "../../model/errors.ts";
import type { LedgerEvent } from "../../model/ledger.ts";

/** The stream of a ledger in which checks remember. No environment is called like this: it is no label. */
export const checksStream = "@checks";
export const findingsChanged = "findings-changed";

/** One finding in one place: a branch, or an environment. Times are RFC 3339. */
export interface Sighting {
  /** The branch that was checked, or `environment <name>`; null where it is not known. */
  readonly scope: string | null;
  /** Two that share one are the same. */
  readonly fingerprints: readonly string[];
  /** When it was first seen. */
  readonly since: string;
  /** When that was written down here. */
  readonly written: string;
  /** When it was no longer found; null while it is. */
  readonly gone: string | null;
}

const fingerprint = z.string().max(200);
const payloadSchema = z.object({
  scope: z.string().nullable(),
  appeared: z.array(z.object({ fingerprints: z.array(fingerprint).min(1), since: z.iso.datetime() })),
  gone: z.array(fingerprint),
});

/**
 * What is known of findings, from the events of a ledger in their order. Pure.
 * @throws FairwayError FIRST_SEEN_UNREADABLE (exit 1) for an event that no Fairway wrote: what it said is not known
 */
export function sightingsOf(events: readonly LedgerEvent[]): readonly Sighting[] {
  const scopes = new Map<string | null, Map<string, Sighting>>();
  for (const event of events) {
    if (event.type !== findingsChanged) continue;
    const { scope, appeared, gone } = payloadOf(event);
    const known = scopes.get(scope) ?? new Map<string, Sighting>();
    scopes.set(scope, known);
    for (const { fingerprints, since } of appeared) put(known, { scope, fingerprints, since, at: event.at });
    for (const name of gone) {
      const sighting = known.get(name);
      if (sighting === undefined || sighting.gone !== null) continue;
      const ended = { ...sighting, gone: event.at };
      for (const other of sighting.fingerprints) known.set(other, ended);
    }
  }
  return [...scopes.values()].flatMap((known) => [...new Set(known.values())]);
}

/** Two runs at once may both see it first, and a later one may know it by more names. */
function put(
  known: Map<string, Sighting>,
  seen: Pick<Sighting, "scope" | "fingerprints" | "since"> & { readonly at: string },
): void {
  const { scope, fingerprints, since, at } = seen;
  const open = fingerprints.flatMap((name) => {
    const before = known.get(name);
    return before === undefined || before.gone !== null ? [] : [before];
  });
  const all = [...new Set([...fingerprints, ...open.flatMap((before) => before.fingerprints)])];
  const first = [since, ...open.map((before) => before.since)].reduce((one, other) =>
    one < other ? one : other,
  );
  const sighting = { scope, fingerprints: all, since: first, written: at, gone: null };
  for (const name of all) known.set(name, sighting);
}

function payloadOf({ payload, sequence }: LedgerEvent): z.infer<typeof payloadSchema> {
  const read = payloadSchema.safeParse(payload);
  if (read.success) return read.data;
  throw failure(`event ${String(sequence)} of the ledger does not say which findings changed`, {
    code: "FIRST_SEEN_UNREADABLE",
    remedy: "Run the version of Fairway that wrote it, and compare the ledger with a copy: fairway verify",
  });
}
