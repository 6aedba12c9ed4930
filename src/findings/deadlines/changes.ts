import type { Json } from "../../model/canonical-json.ts";
import type { JudgedFinding } from "../../model/finding.ts";
import type { Sighting } from "./sightings.ts";

/** What is written down of one check; nothing of what a finding says but the name of its rule. */
export interface FindingsChanged {
  readonly scope: string | null;
  readonly commit: string | null;
  readonly appeared: readonly {
    readonly fingerprints: readonly string[];
    readonly since: string;
    readonly severity: string;
    readonly rule: string;
  }[];
  /** A name of each that is no longer found. */
  readonly gone: readonly string[];
}

interface Seen {
  readonly scope: string | null;
  readonly commit: string | null;
  readonly findings: readonly JudgedFinding[];
  /** Whether everything that could find something was run, to its end. */
  readonly complete: boolean;
}

/** So many in one event; more are several events. */
const mostInEvent = 500;
/** So many names of one finding: a fault that is known by more is found by these. */
const mostNames = 20;

/**
 * The events that bring the ledger up to date, in their order; none where nothing changed. Only findings with a deadline are
 * remembered, suppressed ones too. Pure.
 */
export function findingsChanges(
  sightings: readonly Sighting[],
  { scope, commit, findings, complete }: Seen,
): readonly FindingsChanged[] {
  const own = sightings.filter((sighting) => sighting.scope === scope && sighting.gone === null);
  const known = new Map(own.flatMap((sighting) => sighting.fingerprints.map((name) => [name, sighting])));
  const appeared = findings.flatMap(({ fingerprints, deadline, severity, rule }) => {
    const names = fingerprints.slice(0, mostNames);
    if (deadline === undefined || names.every((name) => known.has(name))) return [];
    return [{ fingerprints: names, since: deadline.since, severity, rule: rule.slice(0, 200) }];
  });
  const found = new Set(findings.flatMap(({ fingerprints }) => fingerprints));
  // A checkout without a branch may be any branch's: what it has not may be in the others.
  const canMiss = complete && scope !== null;
  const gone = own.flatMap(({ fingerprints }) => {
    const [name = ""] = fingerprints;
    return canMiss && !fingerprints.some((one) => found.has(one)) ? [name] : [];
  });
  const events: FindingsChanged[] = [];
  for (let at = 0; at < Math.max(appeared.length, gone.length); at += mostInEvent)
    events.push({
      scope,
      commit,
      appeared: appeared.slice(at, at + mostInEvent),
      gone: gone.slice(at, at + mostInEvent),
    });
  return events;
}

export function asPayload(changed: FindingsChanged): Json {
  return changed as unknown as Json;
}
