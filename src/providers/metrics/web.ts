import type { WebConfig } from "../../config/environment/metrics.ts";
import type { Clock } from "../../model/clock.ts";
import type { Counts, MetricQuery, MetricSource, MetricWatch } from "../../model/metric.ts";
import { fillIn } from "../../model/placeholders.ts";
import { askFor, refused, tooOld, unreadable, type Asking } from "./answer.ts";
import { atPointer } from "./json-pointer.ts";
import { valueSeries } from "./value-series.ts";

interface Opened {
  readonly config: WebConfig;
  readonly clock: Clock;
  /** What is asked for one version. */
  readonly query: MetricQuery;
  readonly asking: Asking;
  readonly wrong: (came: string, remedy: string) => Error;
}

/** Numbers in a JSON document on the web. */
export function webSource(config: WebConfig, asking: Asking, clock: Clock): MetricSource {
  return {
    kind: "web",
    watch: async (query, signal) => {
      const wrong = (came: string, remedy: string) => unreadable(asking, urlOf(config, query), came, remedy);
      const opened = { config, clock, query, asking, wrong };
      const { limit } = query;
      if (limit.metric === "value") return watchValue(limit.name, opened);
      if (limit.metric === "error-rate") return watchErrors(opened, signal);
      throw wrong("it has single numbers, and no quantiles", "Judge the number: { value: ... }.");
    },
  };
}

async function watchErrors(opened: Opened, signal: AbortSignal): Promise<MetricWatch> {
  const begun = await countsOf(opened, signal);
  let last = begun;
  let isAnew = false;
  return {
    ...(begun === null || begun.total === 0 ? {} : { before: begun }),
    read: async (look) => {
      const now = await countsOf(opened, look);
      if (last !== null) isAnew ||= now === null || now.total < last.total || now.events < last.events;
      last = now ?? last;
      // Nobody knows what was lost with the old ones: no later look makes that good.
      if (isAnew) throw opened.wrong("its counters began anew", "See why; a new hold counts anew.");
      const events = (now?.events ?? 0) - (begun?.events ?? 0);
      const total = (now?.total ?? 0) - (begun?.total ?? 0);
      if (events <= total) return { kind: "counts", events, total };
      throw opened.wrong("more requests failed than there were", "Let total count those of events too.");
    },
  };
}

/** Null for a version that is not known yet. */
async function countsOf(opened: Opened, signal: AbortSignal): Promise<Counts | null> {
  const { config, wrong } = opened;
  if (config.errorRate === undefined)
    throw wrong("the config does not say where its counters are", "Add errorRate: { events, total }.");
  const { document } = await answerTo(opened, signal);
  const total = numberAt(document, config.errorRate.total, opened);
  if (total === null) return null;
  const events = numberAt(document, config.errorRate.events, opened);
  const areCounters = [events, total].every((one) => Number.isSafeInteger(one) && Number(one) >= 0);
  if (events !== null && areCounters && events <= total) return { kind: "counts", events, total };
  throw wrong(
    `${String(events)} of ${String(total)} is no count of requests that failed`,
    "Let errorRate name two counters of whole requests.",
  );
}

async function watchValue(name: string, opened: Opened): Promise<MetricWatch> {
  const { config, clock, wrong } = opened;
  const pointer = Object.hasOwn(config.values, name) ? config.values[name] : undefined;
  if (pointer === undefined) throw wrong(`the config has no value ${name}`, "Add it under values.");
  const series = valueSeries(config.windowSeconds ?? null, () =>
    wrong(`there is no number at ${pointer} any more`, "See whether it is still measured."),
  );
  return {
    read: async (look) =>
      series.take(async () => {
        const { document, measuredAtMs } = await answerTo(opened, look);
        const value = numberAt(document, pointer, opened);
        const atSeconds = (measuredAtMs ?? clock.now().getTime()) / 1000;
        return { atSeconds, isStamped: measuredAtMs !== null, value };
      }),
  };
}

interface Answer {
  readonly document: unknown;
  /** Null where it does not say when. */
  readonly measuredAtMs: number | null;
}

async function answerTo(
  { config, clock, query, asking, wrong }: Opened,
  signal: AbortSignal,
): Promise<Answer> {
  const { method, measuredAt, maxAgeSeconds } = config;
  const url = urlOf(config, query);
  const { status, headers, json } = await askFor(
    new URL(url),
    { method, body: bodyOf(config, query) },
    url,
    asking,
    signal,
  );
  if (status < 200 || status > 299) throw refused(asking, url, status, "");
  if (json === undefined) throw wrong("the answer is no JSON", "See where its url leads to.");
  // Of a cache on the way.
  const cachedFor = Number(headers.get("age") ?? 0);
  const measuredAtMs = measuredAt === undefined ? null : millisecondsOf(atPointer(json, measuredAt));
  const age = measuredAtMs === null ? cachedFor : (clock.now().getTime() - measuredAtMs) / 1000;
  if (Number.isNaN(age))
    throw wrong("it does not say when it was measured", "Let measuredAt lead to RFC 3339, or to seconds.");
  if (age > maxAgeSeconds) throw tooOld(asking, url, age, maxAgeSeconds);
  return { document: json, measuredAtMs };
}

/** Since 1970; NaN for what is no time. */
function millisecondsOf(value: unknown): number {
  if (typeof value === "number") return 1000 * value;
  return typeof value === "string" ? Date.parse(value) : Number.NaN;
}

/** A number, or a decimal as text, as databases give them; null for nothing. */
function numberAt(document: unknown, pointer: string, { wrong }: Opened): number | null {
  const value = atPointer(document, pointer);
  if (value === undefined || value === null) return null;
  const isNumber = typeof value === "number" || (typeof value === "string" && /^-?\d+(\.\d+)?$/.test(value));
  if (isNumber && Number.isFinite(Number(value))) return Number(value);
  throw wrong(`what is at ${pointer} is no number`, "Let the pointer lead to a number.");
}

/** A value is one segment or one parameter, whatever is in it. */
function urlOf({ url }: WebConfig, query: MetricQuery): string {
  // Dots alone would be a path, also when they are encoded.
  return fillIn(url, valuesOf(query), (value) =>
    encodeURIComponent(/^\.+$/.test(value) ? `~${value}` : value),
  );
}

/** A value is inside of a text: what would end it is escaped. */
function bodyOf({ body }: WebConfig, query: MetricQuery): string | undefined {
  if (body === undefined) return undefined;
  return fillIn(body, valuesOf(query), (value) => JSON.stringify(value).slice(1, -1));
}

function valuesOf({ service, version }: MetricQuery): Readonly<Record<string, string>> {
  return { service, version };
}
