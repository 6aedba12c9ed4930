import { setTimeout as sleep } from "node:timers/promises";
import type { Lease, LeaseRequest } from "../../../model/ledger.ts";
import { backOffMs } from "../back-off.ts";
import { leaseLost } from "../lease-lost.ts";
import { leaseCommit, leaseEndIn, type LeaseEnd } from "./commits.ts";
import { refusedByServer, type Place } from "./failures.ts";
import type { Follower } from "./follow.ts";
import type { Line } from "./line.ts";
import type { Remote } from "./remote.ts";

export interface LeaseContext {
  readonly remote: Remote;
  readonly follower: Follower;
  readonly place: Place;
  /** The remote's clock. */
  readonly now: () => Date;
}

export interface Leases {
  /** Brings the line up to date. @returns until when the last renewal of this environment's lease said that it lives */
  look(environment: string): Promise<LeaseEnd | null>;
  /** Who holds the lease, by the line as it is and what `look` saw. */
  holder(environment: string, seen: LeaseEnd | null): Lease | null;
  /** The lease that a request gets now, or the one in its way. */
  next(request: LeaseRequest, seen: LeaseEnd | null): { readonly free: Lease } | { readonly held: Lease };
  renew(lease: Lease, ttlSeconds: number): Promise<Lease>;
}

/**
 * A lease is taken and given back by events of the line. How long it lives after a renewal is said by a ref of its own for each
 * environment, which is overwritten and counts only with the fencing token that the line has: one that was written late, by a
 * holder that slept through a take-over, says nothing about the new lease.
 */
export function gitLeases({ remote, follower, place, now }: LeaseContext): Leases {
  const { line } = follower;
  const ends = new Map<string, { readonly oid: string; readonly end: LeaseEnd | null }>();
  // Some servers let no ref be overwritten (receive.denyNonFastForwards): then each renewal follows the one before it.
  let mayOverwrite = true;

  const endIn = async (ref: string, oid: string | undefined): Promise<LeaseEnd | null> => {
    if (oid === undefined) return null;
    const known = ends.get(ref);
    if (known?.oid === oid) return known.end;
    const fetched = await follower.patiently(() => remote.fetch(ref, null, 1));
    const commit = fetched?.commits.at(-1);
    if (commit === undefined) return null;
    const end = leaseEndIn(commit.content);
    ends.set(ref, { oid: commit.oid, end });
    return end;
  };

  const holder: Leases["holder"] = (environment, seen) => {
    const taken = line.lease(environment);
    if (taken === null || taken.givenBack) return null;
    const { lease } = taken;
    const expiresAt = seen?.fencingToken === lease.fencingToken ? seen.expiresAt : lease.expiresAt;
    return expiresAt > now().toISOString() ? { ...lease, expiresAt } : null;
  };

  return {
    look: async (environment) => {
      const ref = leaseRef(place.ref, environment);
      const refs = await follower.catchUp();
      const taken = line.lease(environment);
      return taken === null || taken.givenBack ? null : endIn(ref, refs.get(ref));
    },

    holder,

    next: ({ environment, holder: asker, purpose, ttlSeconds }, seen) => {
      const held = holder(environment, seen);
      const time = now();
      // A living holder writes at most its own time from now: an end far beyond that was written by a clock that went back.
      if (held !== null && held.expiresAt <= after(time, 2 * ttlSeconds)) return { held };
      const fencingToken = (line.lease(environment)?.lease.fencingToken ?? 0) + 1;
      const [acquiredAt, expiresAt] = [time.toISOString(), after(time, ttlSeconds)];
      return { free: { environment, holder: asker, purpose, fencingToken, acquiredAt, expiresAt } };
    },

    renew: async (lease, ttlSeconds) => {
      const ref = leaseRef(place.ref, lease.environment);
      for (let attempt = 1; ; attempt += 1) {
        const refs = await follower.catchUp();
        requireLease(line, lease);
        const before = refs.get(ref) ?? null;
        const expiresAt = after(now(), ttlSeconds);
        const end = { fencingToken: lease.fencingToken, expiresAt };
        const parent = mayOverwrite ? null : before;
        const commit = leaseCommit(lease.environment, lease.holder, end, parent);
        const pushed = await follower.patiently(() => remote.push(ref, commit, before));
        if (pushed === "done") return { ...lease, expiresAt };
        if (typeof pushed === "object") {
          if (attempt >= 5) throw refusedByServer(pushed.refused, { ...place, ref });
          if (before !== null) mayOverwrite = false;
        }
        await sleep(backOffMs(attempt, 1000));
      }
    },
  };
}

/** The token decides, not the time: a holder that slept goes on unless somebody else has taken over meanwhile. */
export function requireLease(line: Line, lease: Lease): void {
  if (holdsLease(line, lease)) return;
  const taken = line.lease(lease.environment)?.lease ?? null;
  throw leaseLost(lease.environment, taken?.fencingToken === lease.fencingToken ? null : taken);
}

export function holdsLease(line: Line, { environment, fencingToken }: Lease): boolean {
  const taken = line.lease(environment);
  return taken?.lease.fencingToken === fencingToken && !taken.givenBack;
}

/** `refs/fairway/ledger` has its leases in `refs/fairway/leases/`; any other ref in one named after it. */
function leaseRef(ref: string, environment: string): string {
  const folder = ref.endsWith("/ledger") ? `${ref.slice(0, -"ledger".length)}leases` : `${ref}-leases`;
  return `${folder}/${environment}`;
}

/** What the names of a ledger's refs begin with. */
export function refPrefixOf(ref: string): string {
  return ref.endsWith("/ledger") ? ref.slice(0, -"dger".length) : ref;
}

function after(time: Date, seconds: number): string {
  return new Date(time.getTime() + seconds * 1000).toISOString();
}
