import { randomUUID } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import type { Clock } from "../../../model/clock.ts";
import { chain, firstPreviousHash } from "../../../model/event-chain.ts";
import type { LedgerEvent, NewLedgerEvent } from "../../../model/ledger.ts";
import { backOffMs } from "../back-off.ts";
import { eventCommit, type Commit } from "./commits.ts";
import { busy, NoAnswer, refusedByServer, unreachable, type Place } from "./failures.ts";
import type { Follower } from "./follow.ts";
import type { Line } from "./line.ts";
import type { Pushed, Remote } from "./remote.ts";

/** What is to be appended, decided anew for each attempt. */
export interface Decision {
  /** Looks at what has to be known beside the line. */
  readonly prepare?: () => Promise<void>;
  /**
   * The event that comes after the line as it is at this moment; null for none. Not a promise: the line must not go on between
   * the decision and the choice of the commit that the push starts from. Throws what forbids the event.
   */
  readonly decide: () => NewLedgerEvent | null;
}

export interface Appender {
  readonly remote: Remote;
  readonly follower: Follower;
  readonly clock: Clock;
  readonly place: Place;
  readonly patienceSeconds: number;
}

/** How long others may be faster, again and again. */
const turnMinutes = 5;

/** A refusal while nobody else has moved the ref is asked again this often: locks of the server's files pass. */
const refusalsBeforeBelief = 5;

/**
 * Appends what `decide` says to the line, as a push from the commit that it was decided upon: when somebody else was faster the
 * remote refuses it, and it is decided again. A push whose answer was lost may have arrived, or arrive later; but all of them
 * start from one commit, so that at most one can, and it is found in the line by its hash before another is made.
 * @throws FairwayError LEDGER_BUSY, and what the follower throws
 */
export async function appendDecided(
  { prepare, decide }: Decision,
  appender: Appender,
): Promise<LedgerEvent | null> {
  const { remote, follower, clock, place } = appender;
  const { line } = follower;
  const sent = new Map<string, LedgerEvent>();
  const silence = patience(appender);
  const until = performance.now() + turnMinutes * 60_000;
  let refusals = 0;

  for (let attempt = 1; ; attempt += 1) {
    await prepare?.();
    const arrived = [...sent].find(([oid]) => line.indexOf(oid) !== null);
    if (arrived !== undefined) return arrived[1];
    const event = decide();
    if (event === null) return null;
    const tip = line.tip();
    const commit = next(event, line, clock);
    sent.set(commit.oid, commit.event);
    const started = performance.now();
    const pushed = await silence(() => remote.push(place.ref, commit, tip?.oid ?? null));
    if (pushed === "done") {
      await follower.took(commit);
      return commit.event;
    }
    // Waits first: what is fetched now has to be new when it is pushed upon.
    const pushMs = performance.now() - started;
    await sleep(backOffMs(attempt, 10_000, pushMs / 2));
    await follower.goOn();
    const isStill = line.tip()?.oid === tip?.oid;
    refusals = isStill && typeof pushed === "object" ? refusals + 1 : 0;
    if (typeof pushed === "object" && refusals === refusalsBeforeBelief) {
      throw refusedByServer(pushed.refused, place);
    }
    if (performance.now() > until) throw busy(turnMinutes, place);
  }
}

function next(event: NewLedgerEvent, line: Line, clock: Clock): Commit & { readonly event: LedgerEvent } {
  const last = line.last();
  const at = clock.now().toISOString();
  const appended = chain(event, last?.sequence ?? 0, last?.hash ?? firstPreviousHash, at);
  return { ...eventCommit(appended, line.tip()?.oid ?? null, randomUUID()), event: appended };
}

/** Lets pushes stay without an answer for as long as patience lasts, counted from the first of them in a row. */
function patience({ place, patienceSeconds }: Appender) {
  let since: number | null = null;
  return async (push: () => Promise<Pushed>): Promise<Pushed | "no answer"> => {
    try {
      const pushed = await push();
      since = null;
      return pushed;
    } catch (error) {
      if (!(error instanceof NoAnswer)) throw error;
      since ??= performance.now();
      if (performance.now() > since + patienceSeconds * 1000)
        throw unreachable(error, place, patienceSeconds);
      return "no answer";
    }
  };
}
