import { createLatencies, type Latencies } from "./latencies.ts";

/** What the proxy counts, by service and release. */
export interface ProxyMetrics {
  /** A release that may be asked from now on: it counts from zero, before its first request. */
  began(labels: ReleaseLabels): void;
  /** `statusClass` is `2xx`, ... or `aborted` when the answer did not come to its end. */
  answered(labels: ReleaseLabels, statusClass: string, seconds: number): void;
  /** A try that failed and was repeated on another connection. */
  retried(labels: ReleaseLabels): void;
  inFlight(labels: ReleaseLabels, change: 1 | -1): void;
  /** Prometheus text format 0.0.4. */
  text(): string;
  /** The same counters as data. */
  counts(): ReleaseCounts[];
}

export interface ReleaseCounts extends ReleaseLabels {
  readonly requests: number;
  /** Answered 5xx, or cut off. */
  readonly failed: number;
  /** Finer than those of the text; without those buckets that are empty. */
  readonly latencies: readonly LatencyBucket[];
}

export interface LatencyBucket {
  readonly overSeconds: number;
  /** `null` for longer than the last bound. */
  readonly upToSeconds: number | null;
  readonly requests: number;
}

export interface ReleaseLabels {
  readonly service: string;
  /** Empty for an answer of the proxy's own. */
  readonly version: string;
}

/** Upper bounds in seconds; the usual ones of Prometheus clients, with a slow end for drains. */
const buckets = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2, 2.5, 5, 10];

/** For requests that are nobody's who counts. */
export const uncounted: Pick<ProxyMetrics, "answered" | "retried" | "inFlight"> = {
  answered: () => undefined,
  retried: () => undefined,
  inFlight: () => undefined,
};

interface Series {
  readonly labels: ReleaseLabels;
  readonly statuses: Map<string, number>;
  /** One for each bucket, not cumulative. */
  readonly latencies: number[];
  readonly fine: Latencies;
  latencySumSeconds: number;
  latencyCount: number;
  retries: number;
  inFlight: number;
}

export function createMetrics(): ProxyMetrics {
  const all = new Map<string, Series>();
  const seriesOf = (labels: ReleaseLabels): Series => {
    const key = `${labels.service}\n${labels.version}`;
    const found = all.get(key) ?? emptySeries(labels);
    all.set(key, found);
    return found;
  };
  return {
    began: (labels) => {
      seriesOf(labels);
    },
    answered: (labels, statusClass, seconds) => {
      const series = seriesOf(labels);
      series.statuses.set(statusClass, (series.statuses.get(statusClass) ?? 0) + 1);
      const bucket = buckets.findIndex((bound) => seconds <= bound);
      if (bucket >= 0) series.latencies[bucket] = (series.latencies[bucket] ?? 0) + 1;
      series.fine.add(seconds);
      series.latencySumSeconds += seconds;
      series.latencyCount += 1;
    },
    retried: (labels) => {
      seriesOf(labels).retries += 1;
    },
    inFlight: (labels, change) => {
      seriesOf(labels).inFlight += change;
    },
    text: () => render([...all.values()]),
    counts: () => [...all.values()].map(countsOf),
  };
}

function emptySeries(labels: ReleaseLabels): Series {
  const latencies = buckets.map(() => 0);
  return {
    labels,
    // From zero, so that the first of each is an increase and not a series that appears.
    statuses: new Map(["2xx", "4xx", "5xx"].map((status) => [status, 0])),
    latencies,
    fine: createLatencies(),
    latencySumSeconds: 0,
    latencyCount: 0,
    retries: 0,
    inFlight: 0,
  };
}

function countsOf({ labels, statuses, fine }: Series): ReleaseCounts {
  return {
    ...labels,
    requests: [...statuses.values()].reduce((sum, count) => sum + count, 0),
    failed: (statuses.get("5xx") ?? 0) + (statuses.get("aborted") ?? 0),
    latencies: fine.buckets(),
  };
}

function render(all: readonly Series[]): string {
  return [
    ...family(
      "fairway_http_requests_total",
      "counter",
      "Requests answered, by class of status.",
      all,
      (series, line) => [...series.statuses].map(([status, count]) => line("", { status }, count)),
    ),
    ...family(
      "fairway_http_request_duration_seconds",
      "histogram",
      "Time from request to the end of the answer.",
      all,
      latencyLines,
    ),
    ...family(
      "fairway_http_requests_in_flight",
      "gauge",
      "Requests that are being answered.",
      all,
      (series, line) => [line("", {}, series.inFlight)],
    ),
    ...family(
      "fairway_http_retries_total",
      "counter",
      "Tries that failed and were repeated.",
      all,
      (series, line) => [line("", {}, series.retries)],
    ),
    "",
  ].join("\n");
}

type Line = (suffix: string, labels: Record<string, string>, value: number) => string;

function family(
  name: string,
  type: string,
  help: string,
  all: readonly Series[],
  lines: (series: Series, line: Line) => string[],
): string[] {
  const samples = all.flatMap((series) =>
    lines(
      series,
      (suffix, labels, value) =>
        `${name}${suffix}{${labelText({ ...series.labels, ...labels })}} ${String(value)}`,
    ),
  );
  return [`# HELP ${name} ${help}`, `# TYPE ${name} ${type}`, ...samples];
}

function latencyLines(series: Series, line: Line): string[] {
  let count = 0;
  const counts = buckets.map((bound, index) =>
    line("_bucket", { le: String(bound) }, (count += series.latencies[index] ?? 0)),
  );
  return [
    ...counts,
    line("_bucket", { le: "+Inf" }, series.latencyCount),
    line("_sum", {}, series.latencySumSeconds),
    line("_count", {}, series.latencyCount),
  ];
}

function labelText(labels: Record<string, string>): string {
  const escaped = (value: string) =>
    value.replaceAll("\\", "\\\\").replaceAll('"', '\\"').replaceAll("\n", "\\n");
  return Object.entries(labels)
    .map(([name, value]) => `${name}="${escaped(value)}"`)
    .join(",");
}
