import { tooOld, unreadable, type Asking } from "./answer.ts";
import type { PrometheusApi, Series } from "./prometheus-api.ts";

/** Counters of one version that are watched. */
export interface Growth {
  /** What they had in sum when the watch began. */
  readonly before: number;
  /** Whether no series was seen, up to now. */
  isEmpty(): boolean;
  /** How much each has grown since. @throws FairwayError METRIC_UNREADABLE */
  read(atSeconds: number, signal: AbortSignal): Promise<readonly Grown[]>;
}

export interface Grown {
  readonly labels: Readonly<Record<string, string>>;
  readonly grown: number;
}

interface Counter {
  readonly labels: Series["labels"];
  readonly base: number;
  value: number;
  /** Of its last sample that was looked at. */
  atSeconds: number;
}

interface Watching {
  readonly api: PrometheusApi;
  readonly asking: Asking;
  readonly maxAgeSeconds: number;
}

/** Whatever had a series within this time does not count from zero when it comes back. */
const known = "1h";

/**
 * Watches counters by their raw samples: rate() and increase() guess at what was between them, and make halves of requests.
 * Every sample since the watch began is seen, so that one that is smaller than the one before is found out. A series that
 * appears later began with zero: the first error of a version makes one. A series that ends keeps what it had.
 */
export async function watchGrowth(
  selector: string,
  { api, asking, maxAgeSeconds }: Watching,
  begun: number,
  signal: AbortSignal,
): Promise<Growth> {
  const counters = new Map<string, Counter>();
  let seenUntil = begun;
  let newest: number | null = null;
  let anew: string | null = null;
  const wrong = (came: string, remedy: string) => unreadable(asking, selector, came, remedy);
  const keyed = (all: readonly Series[]) => byLabels(all, wrong);
  const count = (value: number, labels: Series["labels"]) => wholeCount(value, labels, wrong);
  const samplesUntil = async (at: number, look: AbortSignal) => {
    const seconds = Math.max(maxAgeSeconds, Math.ceil(at - seenUntil) + 1);
    return keyed(await api.matrix(`${selector}[${String(seconds)}s]`, at, look));
  };
  const last = await api.vector(`last_over_time(${selector}[${known}])`, begun, signal);
  for (const [key, { labels, samples }] of keyed(last)) {
    const base = count(samples[0]?.value ?? 0, labels);
    counters.set(key, { labels, base, value: base, atSeconds: begun });
  }
  for (const { samples } of (await samplesUntil(begun, signal)).values())
    newest = Math.max(newest ?? 0, samples.at(-1)?.atSeconds ?? 0);
  return {
    before: [...counters.values()].reduce((sum, { base }) => sum + base, 0),
    isEmpty: () => counters.size === 0,
    read: async (at, look) => {
      for (const [key, { labels, samples }] of await samplesUntil(at, look)) {
        const counter = counters.get(key) ?? { labels, base: 0, value: 0, atSeconds: -Infinity };
        counters.set(key, counter);
        for (const { atSeconds, value } of samples) {
          newest = Math.max(newest ?? 0, atSeconds);
          if (atSeconds <= counter.atSeconds) continue;
          if (count(value, labels) < counter.value) anew = textOf(labels);
          Object.assign(counter, { value, atSeconds });
        }
      }
      seenUntil = Math.max(seenUntil, at);
      // Nobody knows what was lost with the old one: no later look makes that good.
      if (anew !== null)
        throw wrong(
          `${anew} began anew while it was watched`,
          "See what started it again; a new hold counts anew.",
        );
      if (newest !== null && at - newest > maxAgeSeconds)
        throw tooOld(asking, selector, at - newest, maxAgeSeconds);
      return [...counters.values()].map(({ labels, base, value }) => ({ labels, grown: value - base }));
    },
  };
}

type Wrong = (came: string, remedy: string) => Error;

/** Functions drop the name of what they are asked of, so it is no part of the key. */
function byLabels(all: readonly Series[], wrong: Wrong): ReadonlyMap<string, Series> {
  const keyed = new Map(all.map((series) => [keyOf(series.labels), series]));
  if (keyed.size === all.length) return keyed;
  throw wrong("it has two metrics with the same labels", "Name one metric.");
}

function keyOf(labels: Series["labels"]): string {
  const named = Object.entries(labels).filter(([name]) => name !== "__name__");
  return JSON.stringify(named.sort(([one], [other]) => (one < other ? -1 : 1)));
}

function wholeCount(value: number, labels: Series["labels"], wrong: Wrong): number {
  if (Number.isSafeInteger(value) && value >= 0) return value;
  const came = `${textOf(labels)} is ${String(value)}, and no counter of whole requests`;
  throw wrong(came, "Name the counters themselves, and no rule that makes rates of them.");
}

/** `requests_total{status="500",version="4f2a9c1"}` */
function textOf({ __name__: name = "", ...labels }: Series["labels"]): string {
  const pairs = Object.entries(labels).map(([label, value]) => `${label}=${JSON.stringify(value)}`);
  return `${name}{${pairs.join(",")}}`;
}
