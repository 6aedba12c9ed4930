import type { Lease, LedgerEvent, LedgerFilter, NewLedgerEvent } from "../../../model/ledger.ts";
import { eventIn, parentsOf, type Commit } from "./commits.ts";

/** What is known of the ledger: its commits in their one line, and what they say. */
export interface Line {
  tip(): Commit | null;
  last(): LedgerEvent | null;
  /** The place of a commit in the line, from 0; null when it is not in it. */
  indexOf(oid: string): number | null;
  read(filter: LedgerFilter): LedgerEvent[];
  /** The last lease that was taken on an environment, whether it lives or not. */
  lease(environment: string): TakenLease | null;
  /** @returns the first commit that is not an event after the one before it; those before that are in the line */
  add(commits: readonly Commit[]): Commit | null;
}

/** A lease as its event says it: how long it was renewed since is not in the line. */
export interface TakenLease {
  readonly lease: Lease;
  readonly givenBack: boolean;
}

export function emptyLine(): Line {
  const events: LedgerEvent[] = [];
  const places = new Map<string, number>();
  const leases = new Map<string, TakenLease>();
  let tip: Commit | null = null;

  const addOne = (commit: Commit): boolean => {
    const [parent = null, ...others] = parentsOf(commit.content);
    const event = eventIn(commit.content);
    if (event === null || others.length > 0 || parent !== (tip?.oid ?? null)) return false;
    places.set(commit.oid, events.length);
    events.push(event);
    tip = commit;
    const taken = leaseAfter(event, leases.get(event.environment) ?? null);
    if (taken !== null) leases.set(event.environment, taken);
    return true;
  };

  return {
    tip: () => tip,
    last: () => events.at(-1) ?? null,
    indexOf: (oid) => places.get(oid) ?? null,
    read: ({ environment, deployment, types, afterSequence = 0 }) =>
      events.filter(
        (event) =>
          event.sequence > afterSequence &&
          (environment === undefined || event.environment === environment) &&
          (deployment === undefined || event.deployment === deployment) &&
          (types === undefined || types.includes(event.type)),
      ),
    lease: (environment) => leases.get(environment) ?? null,
    add: (commits) => commits.find((commit) => !addOne(commit)) ?? null,
  };
}

/** Leases are taken and given back by events of the line itself, so that an append and a take-over cannot both succeed. */
export function leaseAcquired(lease: Lease): NewLedgerEvent {
  const { environment, holder, purpose, fencingToken, acquiredAt, expiresAt } = lease;
  const payload = { purpose, fencingToken, acquiredAt, expiresAt };
  return { environment, deployment: null, type: "lease-acquired", actor: holder, payload };
}

export function leaseReleased({ environment, holder, fencingToken }: Lease): NewLedgerEvent {
  return { environment, deployment: null, type: "lease-released", actor: holder, payload: { fencingToken } };
}

/** The lease that a `lease-acquired` event is about. */
export function leaseIn(event: LedgerEvent): Lease {
  const { purpose, fencingToken, acquiredAt, expiresAt } = event.payload as unknown as Lease;
  return {
    environment: event.environment,
    holder: event.actor,
    purpose,
    fencingToken,
    acquiredAt,
    expiresAt,
  };
}

function leaseAfter(event: LedgerEvent, before: TakenLease | null): TakenLease | null {
  if (event.type === "lease-acquired") return { lease: leaseIn(event), givenBack: false };
  if (event.type !== "lease-released") return null;
  const { fencingToken } = event.payload as unknown as Lease;
  return before?.lease.fencingToken === fencingToken ? { ...before, givenBack: true } : null;
}
