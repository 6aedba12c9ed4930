import { canonicalJson, type Json } from "../../model/canonical-json.ts";
import type { Clock } from "../../model/clock.ts";
import { chain, firstPreviousHash } from "../../model/event-chain.ts";
import type { Lease, Ledger, LedgerEvent, LedgerFilter } from "../../model/ledger.ts";
import { leaseLost } from "../../providers/ledgers/lease-lost.ts";

/** What ledgers in memory have in common that are handles of one: as several machines open one database. */
export interface LedgerMemory {
  readonly events: LedgerEvent[];
  /** The last one of each environment; one that was given back has `""` for its end. */
  readonly leases: Map<string, Lease>;
}

export function ledgerMemory(): LedgerMemory {
  return { events: [], leases: new Map() };
}

/**
 * A ledger that is gone with its process and waits for nothing: for tests and simulations. It numbers, chains and fences as
 * every ledger does.
 */
export function memoryLedger(clock: Clock, memory: LedgerMemory = ledgerMemory()): Ledger {
  const { events, leases } = memory;
  const ends = (seconds: number) => new Date(clock.now().getTime() + 1000 * seconds).toISOString();
  const current = (environment: string) => {
    const lease = leases.get(environment);
    return lease === undefined || lease.expiresAt <= clock.now().toISOString() ? null : lease;
  };
  return {
    kind: "memory",
    append: async (event, lease) => {
      if (lease !== undefined) requireLease(leases, lease);
      const last = events.at(-1);
      const at = clock.now().toISOString();
      const appended = chain(event, last?.sequence ?? 0, last?.hash ?? firstPreviousHash, at);
      // As it would be read from a file: nobody changes it afterwards through what he has given.
      events.push({ ...appended, payload: JSON.parse(canonicalJson(event.payload)) as Json });
      return appended;
    },
    read: async (filter = {}) => eventsIn(events, filter),
    acquire: async ({ ttlSeconds, ...request }) => {
      const held = current(request.environment);
      // A living holder writes at most its own time from now: an end far beyond that is of a clock that went back.
      if (held !== null && held.expiresAt <= ends(2 * ttlSeconds)) return { granted: false, holder: held };
      const lease = {
        ...request,
        fencingToken: (leases.get(request.environment)?.fencingToken ?? 0) + 1,
        acquiredAt: clock.now().toISOString(),
        expiresAt: ends(ttlSeconds),
      };
      leases.set(request.environment, lease);
      return { granted: true, lease };
    },
    renew: async (lease, ttlSeconds) => {
      requireLease(leases, lease);
      const renewed = { ...lease, expiresAt: ends(ttlSeconds) };
      leases.set(lease.environment, renewed);
      return renewed;
    },
    release: async (lease) => {
      const last = leases.get(lease.environment);
      if (last?.fencingToken === lease.fencingToken)
        leases.set(lease.environment, { ...last, expiresAt: "" });
    },
    holder: async (environment) => current(environment),
    close: async () => undefined,
  };
}

function eventsIn(
  events: readonly LedgerEvent[],
  { environment, deployment, types, afterSequence = 0 }: LedgerFilter,
): LedgerEvent[] {
  return events
    .slice(afterSequence)
    .filter(
      (event) =>
        (environment === undefined || event.environment === environment) &&
        (deployment === undefined || event.deployment === deployment) &&
        (types === undefined || types.includes(event.type)),
    );
}

/** The token decides, not the time: a holder that slept goes on unless somebody else has taken over meanwhile. */
function requireLease(leases: LedgerMemory["leases"], lease: Lease): void {
  const last = leases.get(lease.environment);
  if (last?.fencingToken === lease.fencingToken && last.expiresAt !== "") return;
  const taker = last === undefined || last.fencingToken === lease.fencingToken ? null : last;
  throw leaseLost(lease.environment, taker);
}
