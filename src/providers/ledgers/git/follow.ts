import { setTimeout as sleep } from "node:timers/promises";
import { backOffMs } from "../back-off.ts";
import type { CommitCache } from "./cache.ts";
import type { Commit } from "./commits.ts";
import { NoAnswer, noEvent, rewritten, unreachable, type Place } from "./failures.ts";
import { emptyLine, type Line } from "./line.ts";
import type { Fetched, Remote } from "./remote.ts";

/** The line as the remote has it. */
export interface Follower {
  readonly line: Line;
  /** Brings the line up to date. @returns what all refs of this ledger point at */
  catchUp(): Promise<ReadonlyMap<string, string>>;
  /** Brings a line up to date that is known to be behind: without asking first whether it is. */
  goOn(): Promise<void>;
  /** A commit of ours that the remote has taken. */
  took(commit: Commit): Promise<void>;
  /** Asks the remote until it answers, for as long as patience lasts. @throws FairwayError LEDGER_UNREACHABLE */
  patiently<T>(ask: () => Promise<T>): Promise<T>;
}

export interface FollowerOptions {
  readonly remote: Remote;
  readonly place: Place;
  readonly cache: CommitCache;
  readonly refPrefix: string;
  readonly patienceSeconds: number;
}

/** Looks this often before it believes that a ref went back: a server of several machines may answer late for a moment. */
const looksBeforeAlarm = 3;

/**
 * Follows the ledger's ref. It only goes forward: what was known once, by this process or by the cache of this machine, has to be
 * in what the remote has now.
 * @throws FairwayError LEDGER_REWRITTEN, LEDGER_UNREADABLE, LEDGER_UNREACHABLE, LEDGER_REFUSED
 */
export async function follow(options: FollowerOptions): Promise<Follower> {
  const { remote, place, cache, refPrefix, patienceSeconds } = options;
  const line = emptyLine();
  line.add(await cache.load());
  const inTurn = turns();

  const patiently = async <T>(ask: () => Promise<T>): Promise<T> => {
    const until = performance.now() + patienceSeconds * 1000;
    for (let attempt = 1; ; attempt += 1) {
      try {
        return await ask();
      } catch (error) {
        if (!(error instanceof NoAnswer)) throw error;
        if (attempt > 1 && performance.now() > until) throw unreachable(error, place, patienceSeconds);
        await sleep(backOffMs(attempt, 2000));
      }
    }
  };

  const add = async (commits: readonly Commit[]) => {
    const news = commits.filter(({ oid }) => line.indexOf(oid) === null);
    const stranger = line.add(news);
    await cache.add(stranger === null ? news : news.slice(0, news.indexOf(stranger)));
    if (stranger !== null) throw noEvent(stranger.oid, place);
  };

  /** @returns false when the ref is at an earlier commit than it was already, or gone */
  const advance = (now: string | null, fetched: Fetched | null): Promise<boolean> | boolean => {
    const known = line.tip()?.oid ?? null;
    if (now === known) return true;
    if (now === null || line.indexOf(now) !== null) return false;
    if (fetched === null || (known === null && fetched.base !== null)) {
      throw new NoAnswer(`${place.ref} came incomplete`);
    }
    // What was fetched begins where the known line ended, or else it is another line.
    if (fetched.base !== known) throw rewritten(known ?? "", now, place, cache.path);
    return add(fetched.commits).then(() => true);
  };

  const list = async () => {
    const refs = await remote.refs(refPrefix);
    const now = refs.get(place.ref) ?? null;
    const isNews = now !== null && line.indexOf(now) === null;
    const fetched = isNews ? await remote.fetch(place.ref, line.tip()) : null;
    return { refs, now: fetched?.tip ?? now, fetched };
  };

  const fetch = async () => {
    const fetched = await remote.fetch(place.ref, line.tip());
    return { now: fetched?.tip ?? null, fetched };
  };

  const forward = <Seen extends { now: string | null; fetched: Fetched | null }>(look: () => Promise<Seen>) =>
    inTurn(async () => {
      for (let looks = 1; ; looks += 1) {
        const { seen, isForward } = await patiently(async () => {
          const seen = await look();
          return { seen, isForward: await advance(seen.now, seen.fetched) };
        });
        if (isForward) return seen;
        if (looks === looksBeforeAlarm) throw rewritten(line.tip()?.oid ?? "", seen.now, place, cache.path);
        await sleep(150 * looks);
      }
    });

  return {
    line,
    patiently,
    took: (commit) =>
      inTurn(async () => {
        if (line.indexOf(commit.oid) === null) await add([commit]);
      }),
    catchUp: async () => (await forward(list)).refs,
    goOn: async () => void (await forward(fetch)),
  };
}

/** Runs what it is given one after the other. */
export function turns(): <T>(work: () => Promise<T>) => Promise<T> {
  let last: Promise<unknown> = Promise.resolve();
  return (work) => {
    const mine = last.then(work, work);
    last = mine.catch(() => undefined);
    return mine;
  };
}
