import { randomInt } from "node:crypto";
import type { Group } from "./rotation.ts";

/** How many of the visitors get what runs beside. */
export interface Weight {
  readonly version: string;
  /** Over 0, up to 100; in tenths at finest. */
  readonly percent: number;
  /** A visitor stays on the side that he got. */
  readonly sticky: boolean;
}

/** To which side each request goes. */
export interface Shares {
  set(weight: Weight | null): void;
  weight(): Weight | null;
  sideOf(cookies: string | undefined): Side;
}

export interface Side {
  readonly group: Group;
  /** The cookie that its visitor has to be given, as a value of Set-Cookie. */
  readonly keep?: string;
}

/** Weights are in tenths of a percent, and so is the number that a visitor keeps. */
const whole = 1000;

/**
 * Shares are exact over time, and chance says who: of each hundred requests at 1 % one goes beside, whichever it is. In turn
 * it would always be the same one of those that come in a pattern, as the files of a page do, and two sides that are asked
 * different things cannot be compared. A sticky visitor keeps a number
 * in a cookie, and is on the side beside while it is under the weight. So he moves there when the weight grows, and never
 * back while it does not shrink, and nobody has to remember him.
 */
export function createShares(
  cookie: string,
  random: (from: number, below: number) => number = randomInt,
): Shares {
  let current: Weight | null = null;
  /** Requests come one after the other along a line, each as long as the weight; one point in each stretch of it goes beside. */
  let at = 0;
  let point = 0;
  let owed = 0;
  const nextIsBeside = (tenths: number): boolean => {
    let end = at + tenths;
    if (at <= point && point < end) owed += 1;
    while (end >= whole) {
      end -= whole;
      point = random(0, whole);
      if (point < end) owed += 1;
    }
    at = end;
    // A request that has two of them is one all the same: the next one makes up for it.
    if (owed === 0) return false;
    owed -= 1;
    return true;
  };
  return {
    set: (weight) => {
      current = weight;
      at = 0;
      owed = 0;
      point = random(0, whole);
    },
    weight: () => current,
    sideOf: (cookies) => {
      if (current === null) return { group: "serving" };
      const { version, sticky } = current;
      const tenths = Math.round(current.percent * 10);
      const kept = sticky ? numberIn(cookies, cookie, version) : undefined;
      if (kept !== undefined) return { group: kept < tenths ? "beside" : "serving" };
      const isBeside = nextIsBeside(tenths);
      const group = isBeside ? "beside" : "serving";
      if (!sticky) return { group };
      const number = isBeside ? random(0, tenths) : random(tenths, whole);
      return { group, keep: cookieText(cookie, version, number) };
    },
  };
}

/** Bound to the version: one of an earlier rollout counts for nothing. */
function cookieText(cookie: string, version: string, number: number): string {
  return `${cookie}=${String(number)}.${encodeURIComponent(version)}; Path=/; HttpOnly; SameSite=Lax`;
}

function numberIn(cookies: string | undefined, cookie: string, version: string): number | undefined {
  for (const pair of cookies?.split(";") ?? []) {
    const [name, value = ""] = pair.trim().split("=", 2);
    const [, number, of] = /^(\d{1,3})\.(.*)$/.exec(value) ?? [];
    if (name === cookie && of === encodeURIComponent(version)) return Number(number);
  }
  return undefined;
}
