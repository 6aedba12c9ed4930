import type { Clock } from "../../../model/clock.ts";
import type { Lease, Ledger } from "../../../model/ledger.ts";
import { gitHttp } from "../../git/git.ts";
import { appendDecided, type Decision } from "./append.ts";
import { commitCache } from "./cache.ts";
import type { LeaseEnd } from "./commits.ts";
import { requireHttpUrl, requireRef } from "./failures.ts";
import { follow, turns } from "./follow.ts";
import { gitLeases, holdsLease, refPrefixOf, requireLease } from "./leases.ts";
import { leaseAcquired, leaseIn, leaseReleased } from "./line.ts";
import { openRemote } from "./remote.ts";

export interface GitLedgerOptions {
  /** `https://host/owner/repository.git`. A user or password in it is not used, and never shown. */
  readonly url: string;
  /** A token that may read and push. */
  readonly token: string;
  /** Where the user writes the token, for errors: `the value LEDGER_TOKEN in --secrets`. @default "the ledger's token" */
  readonly tokenAt?: string;
  /** What the service wants as the user beside a token. @default "x-access-token" */
  readonly username?: string;
  /** The full name of the ref that holds the events. @default "refs/fairway/ledger" */
  readonly ref?: string;
  readonly clock: Clock;
  /** Where this machine keeps what it has seen: a cache, which all its processes may share and anybody may delete. */
  readonly directory: string;
  /** How long a remote that does not answer is waited for, in seconds. @default 30 */
  readonly patienceSeconds?: number;
}

/**
 * A ledger in a git repository: events are commits on one ref, each the child of the event before it, and an append is a push
 * that moves the ref from exactly that one. So the remote arbitrates, and a team needs no server of its own.
 *
 * Leases are events too (`lease-acquired`, `lease-released`): who appends under a lease that somebody else has taken pushes
 * against that event, and loses. Their time is the remote's, by the Date of its answers (whole seconds), so that the clocks
 * of machines may differ as they like. Where a server does not tell its time they are compared directly: a holder's clock may
 * then be behind by up to two thirds of a lease's time before others take it for dead. The fencing token decides in any case.
 * @throws FairwayError LEDGER_UNREACHABLE, LEDGER_REWRITTEN, LEDGER_UNREADABLE, LEDGER_REFUSED, LEDGER_BUSY, LEDGER_URL, LEDGER_REF,
 * and GIT_DENIED and its like for what the server says to the token
 */
export async function openGitLedger(options: GitLedgerOptions): Promise<Ledger> {
  const { clock, token, username = "x-access-token", patienceSeconds = 30 } = options;
  const place = { url: requireHttpUrl(options.url), ref: requireRef(options.ref ?? "refs/fairway/ledger") };
  let remoteIsAheadMs = 0;
  const now = () => new Date(clock.now().getTime() + remoteIsAheadMs);
  const server = { url: place.url, token, tokenAt: options.tokenAt ?? "the ledger's token" };
  const onAnswer = ({ headers }: Response) => {
    const date = Date.parse(headers.get("date") ?? "");
    if (!Number.isNaN(date)) remoteIsAheadMs = date - clock.now().getTime();
  };
  const remote = await openRemote(place.url, (signal) => gitHttp(server, username, signal, onAnswer));
  const cache = commitCache(options.directory, place);
  const refPrefix = refPrefixOf(place.ref);
  const follower = await follow({ remote, place, cache, refPrefix, patienceSeconds });
  const { line } = follower;
  const leases = gitLeases({ remote, follower, place, now });
  const inTurn = turns();
  // One handle's own appends would only race each other.
  const append = (decision: Decision) =>
    inTurn(() => appendDecided(decision, { remote, follower, clock, place, patienceSeconds }));
  await follower.catchUp();

  return {
    kind: "git",
    append: async (event, lease) => {
      const decide = () => {
        if (lease !== undefined) requireLease(line, lease);
        return event;
      };
      const appended = await append({ decide });
      if (appended === null) throw new Error("an event that was decided upon was not appended");
      return appended;
    },
    read: async (filter = {}) => {
      await follower.catchUp();
      return line.read(filter);
    },
    acquire: async (request) => {
      const saw: { end: LeaseEnd | null; held: Lease | null } = { end: null, held: null };
      const acquired = await append({
        prepare: async () => {
          saw.end = await leases.look(request.environment);
        },
        decide: () => {
          const next = leases.next(request, saw.end);
          saw.held = "held" in next ? next.held : null;
          return "free" in next ? leaseAcquired(next.free) : null;
        },
      });
      if (acquired !== null) return { granted: true, lease: leaseIn(acquired) };
      if (saw.held === null) throw new Error("a lease was neither granted nor held");
      return { granted: false, holder: saw.held };
    },
    renew: (lease, ttlSeconds) => leases.renew(lease, ttlSeconds),
    release: async (lease) => {
      const decide = () => (holdsLease(line, lease) ? leaseReleased(lease) : null);
      await append({ prepare: async () => void (await follower.catchUp()), decide });
    },
    holder: async (environment) => leases.holder(environment, await leases.look(environment)),
    close: async () => undefined,
  };
}
