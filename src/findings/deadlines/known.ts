import type { Finding } from "../../model/finding.ts";
import type { Sighting } from "./sightings.ts";

/** What a branch or an environment can know about findings of before. */
export interface KnownFindings {
  /** When a finding was first seen, or null for one that is new; `keepMs`: for how long one that went away is remembered. */
  since(finding: Pick<Finding, "fingerprints">, keepMs: number, now: Date): Date | null;
}

/** For how long a branch that says nothing more may still have what it had: then it may long be gone itself. */
const branchesKeepMs = 90 * 24 * 3_600_000;

/**
 * The earliest of what is known. What this scope has now counts always. What went away counts again where it comes back within
 * `keepMs`, else it is a new finding; what another scope has counts for ninety days from when that was written down.
 */
export function knownFindings(sightings: readonly Sighting[], scope: string | null): KnownFindings {
  const byName = indexed(sightings);
  return {
    since: ({ fingerprints }, keepMs, now) => {
      const counting = fingerprints
        .flatMap((name) => byName.get(name) ?? [])
        .filter((sighting) => counts(sighting, scope, keepMs, now))
        .map(({ since }) => Date.parse(since));
      // A clock that went ahead once gives no time beyond the deadline's.
      return counting.length === 0 ? null : new Date(Math.min(now.getTime(), ...counting));
    },
  };
}

function counts(sighting: Sighting, scope: string | null, keepMs: number, now: Date): boolean {
  const after = (time: string) => now.getTime() - Date.parse(time);
  if (sighting.gone !== null) return after(sighting.gone) <= keepMs;
  return sighting.scope === scope || after(sighting.written) <= Math.max(keepMs, branchesKeepMs);
}

function indexed(sightings: readonly Sighting[]): ReadonlyMap<string, readonly Sighting[]> {
  const byName = new Map<string, Sighting[]>();
  for (const sighting of sightings)
    for (const name of sighting.fingerprints) {
      const others = byName.get(name);
      if (others === undefined) byName.set(name, [sighting]);
      else others.push(sighting);
    }
  return byName;
}
