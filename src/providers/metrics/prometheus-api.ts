import { askFor, refused, tooOld, unreadable, type Asking } from "./answer.ts";

/** What Prometheus answers to instant queries, told apart by the type of the result. */
export interface PrometheusApi {
  /** Its own clock: whoever asks may have another one. */
  now(signal: AbortSignal): Promise<number>;
  /** The raw samples of a range selector. */
  matrix(query: string, atSeconds: number, signal: AbortSignal): Promise<readonly Series[]>;
  /** One number for each series. */
  vector(query: string, atSeconds: number, signal: AbortSignal): Promise<readonly Series[]>;
  /** Null where there is none now. */
  number(query: string, atSeconds: number, signal: AbortSignal): Promise<number | null>;
  /** Those that any series of this metric has; empty where there never was one. */
  labelNames(metric: string, signal: AbortSignal): Promise<readonly string[]>;
}

export interface Series {
  readonly labels: Readonly<Record<string, string>>;
  /** Oldest first. */
  readonly samples: readonly Sample[];
}

interface Sample {
  readonly atSeconds: number;
  readonly value: number;
}

interface Envelope {
  readonly status?: unknown;
  readonly error?: unknown;
  readonly errorType?: unknown;
  readonly warnings?: unknown;
  readonly data?: unknown;
}

interface Result {
  readonly type: unknown;
  readonly result: unknown;
}

/** @see https://prometheus.io/docs/prometheus/latest/querying/api/#instant-queries */
export function prometheusApi(url: string, maxAgeSeconds: number, asking: Asking): PrometheusApi {
  const addressOf = (path: string) => new URL(`${url.replace(/\/+$/, "")}/api/v1/${path}`);
  const ask = async (query: string, atSeconds: number | null, signal: AbortSignal): Promise<Result> => {
    const address = addressOf("query");
    // GET: what may only read is often let through with nothing else.
    address.searchParams.set("query", query);
    if (atSeconds !== null) address.searchParams.set("time", atSeconds.toFixed(3));
    // Those that know it (2.44 on) look no further back.
    address.searchParams.set("lookback_delta", `${String(maxAgeSeconds)}s`);
    const { status, json } = await askFor(address, { method: "GET" }, query, asking, signal);
    const { resultType, result } = dataOf(json ?? {}, query, status, asking) as Record<string, unknown>;
    return { type: resultType, result };
  };
  const all = async (type: "matrix" | "vector", query: string, atSeconds: number, signal: AbortSignal) => {
    const answer = await ask(query, atSeconds, signal);
    if (answer.type === type) return seriesOf(answer.result, query, asking);
    const came = `it answered a ${String(answer.type)}`;
    throw unreadable(asking, query, came, 'Name a selector of counters: name{label="value"}.');
  };
  return {
    now: async (signal) => {
      const { type, result } = await ask("time()", null, signal);
      if (type === "scalar") return sampleOf(result).value;
      throw unreadable(asking, "time()", `it answered a ${String(type)}`, "See where its url leads to.");
    },
    matrix: (query, atSeconds, signal) => all("matrix", query, atSeconds, signal),
    vector: (query, atSeconds, signal) => all("vector", query, atSeconds, signal),
    number: async (query, atSeconds, signal) => {
      const { type, result } = await ask(query, atSeconds, signal);
      if (type === "scalar") return finite(sampleOf(result).value);
      if (type !== "vector")
        throw unreadable(asking, query, `it answered a ${String(type)}`, "Ask for one number.");
      const [one, ...others] = seriesOf(result, query, asking);
      if (others.length > 0) throw severalNumbers(others.length + 1, query, asking);
      if (one === undefined) return null;
      // Of a selector this is when it was scraped, of anything else when it was asked.
      const timed = await ask(`timestamp(${query}\n)`, atSeconds, signal);
      const [measured] = seriesOf(timed.result, query, asking);
      const age = atSeconds - (measured?.samples[0]?.value ?? 0);
      if (age > maxAgeSeconds) throw tooOld(asking, query, age, maxAgeSeconds);
      return finite(one.samples[0]?.value ?? Number.NaN);
    },
    labelNames: async (metric, signal) => {
      const address = addressOf("labels");
      address.searchParams.set("match[]", metric);
      const what = `the labels of ${metric}`;
      const { status, json } = await askFor(address, { method: "GET" }, what, asking, signal);
      return listOf(dataOf(json ?? {}, what, status, asking)).map(String);
    },
  };
}

function dataOf(envelope: Envelope, query: string, httpStatus: number, asking: Asking): unknown {
  const { status, errorType, error, warnings, data } = envelope;
  if (status !== "success") {
    const says = typeof error === "string" ? `${String(errorType)}: ${error.slice(0, 500)}` : "";
    if (httpStatus !== 200) throw refused(asking, query, httpStatus, says);
    throw unreadable(asking, query, "the answer is none of Prometheus", "See where its url leads to.");
  }
  // Hints about names of metrics are none of its faults; an answer that lacks a part says so here.
  const faults = listOf(warnings).filter((one) => !String(one).startsWith("PromQL info:"));
  if (faults.length > 0) {
    const came = `it warns: ${faults.join("; ").slice(0, 500)}`;
    throw unreadable(asking, query, came, "See what the answer lacks.");
  }
  return data ?? {};
}

function seriesOf(result: unknown, query: string, asking: Asking): Series[] {
  return listOf(result).map((one) => {
    const { metric, values, value, histograms, histogram } = one as Record<string, unknown>;
    if (histograms !== undefined || histogram !== undefined) {
      throw unreadable(
        asking,
        query,
        "it has native histograms, which this version of Fairway does not read",
        "Name the _bucket series of a classic histogram; Prometheus keeps them where it is told to scrape both.",
      );
    }
    const samples = (value === undefined ? listOf(values) : [value]).map(sampleOf);
    return { labels: metric as Record<string, string>, samples };
  });
}

function severalNumbers(count: number, query: string, asking: Asking) {
  const came = `it has ${String(count)} numbers for one version`;
  return unreadable(asking, query, came, "Put them together, with sum() or avg() for example.");
}

function finite(value: number): number | null {
  return Number.isFinite(value) ? value : null;
}

/** `[1435781451.781, "1"]` */
function sampleOf(pair: unknown): Sample {
  const [atSeconds, value] = listOf(pair);
  // `+Inf`, `-Inf` and `NaN` are no numbers here.
  return { atSeconds: Number(atSeconds), value: Number(value) };
}

function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}
