import { randomUUID } from "node:crypto";
import type { Origin } from "./house.ts";
import { createLatencies, type Latencies } from "./latencies.ts";
import { createRecent, type Recent, type RecentRequests } from "./recent.ts";

/** What the proxy counts, by service and release; requests also by who asked. */
export interface ProxyMetrics {
  /** A release that may be asked from now on: it counts from zero, before its first request. */
  began(labels: ReleaseLabels): void;
  /**
   * `statusClass` is `2xx`, ... or `aborted` when the answer did not come to its end. A WebSocket, `1xx`, lasts as long as
   * people stay: that is no latency.
   */
  answered(labels: RequestLabels, statusClass: string, seconds: number): void;
  /** A try that failed and was repeated on another connection. */
  retried(labels: ReleaseLabels): void;
  inFlight(labels: ReleaseLabels, change: 1 | -1): void;
  /** Prometheus text format 0.0.4. */
  text(): string;
  /** The same counters as data. */
  counts(): ReleaseCounts[];
}

export interface ReleaseCounts extends RequestLabels {
  /** Names these counters: those of another process, or of this one started again, began anew. */
  readonly counters: string;
  readonly requests: number;
  /** Answered 5xx, or cut off. */
  readonly failed: number;
  /** Finer than those of the text; without those buckets that are empty. */
  readonly latencies: readonly LatencyBucket[];
  readonly recent: RecentRequests;
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

export interface RequestLabels extends ReleaseLabels {
  readonly origin: Origin;
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
  readonly requests: Map<Origin, Requests>;
  retries: number;
  inFlight: number;
}

interface Requests {
  readonly labels: RequestLabels;
  readonly statuses: Map<string, number>;
  /** One for each bucket, not cumulative. */
  readonly latencies: number[];
  readonly fine: Latencies;
  readonly recent: Recent;
  latencySumSeconds: number;
  latencyCount: number;
}

/** @param nowMs of a clock that only goes forward */
export function createMetrics(nowMs = () => performance.now()): ProxyMetrics {
  const counters = randomUUID();
  const all = new Map<string, Series>();
  const seriesOf = ({ service, version }: ReleaseLabels): Series => {
    const key = `${service}\n${version}`;
    const found = all.get(key) ?? emptySeries({ service, version });
    all.set(key, found);
    return found;
  };
  const requestsOf = ({ labels, requests }: Series, origin: Origin): Requests => {
    const found = requests.get(origin) ?? emptyRequests({ ...labels, origin }, createRecent(nowMs));
    requests.set(origin, found);
    return found;
  };
  return {
    began: (labels) => {
      requestsOf(seriesOf(labels), "visitors");
    },
    answered: (labels, statusClass, seconds) => {
      const requests = requestsOf(seriesOf(labels), labels.origin);
      requests.statuses.set(statusClass, (requests.statuses.get(statusClass) ?? 0) + 1);
      requests.recent.add();
      if (statusClass === "1xx") return;
      const bucket = buckets.findIndex((bound) => seconds <= bound);
      if (bucket >= 0) requests.latencies[bucket] = (requests.latencies[bucket] ?? 0) + 1;
      requests.fine.add(seconds);
      requests.latencySumSeconds += seconds;
      requests.latencyCount += 1;
    },
    retried: (labels) => {
      seriesOf(labels).retries += 1;
    },
    inFlight: (labels, change) => {
      seriesOf(labels).inFlight += change;
    },
    text: () => render([...all.values()]),
    counts: () => [...all.values()].flatMap(requestsIn).map((requests) => countsOf(requests, counters)),
  };
}

function emptySeries(labels: ReleaseLabels): Series {
  return { labels, requests: new Map(), retries: 0, inFlight: 0 };
}

function requestsIn({ requests }: Series): Requests[] {
  return [...requests.values()];
}

function emptyRequests(labels: RequestLabels, recent: Recent): Requests {
  return {
    labels,
    recent,
    // From zero, so that the first of each is an increase and not a series that appears.
    statuses: new Map(["2xx", "4xx", "5xx"].map((status) => [status, 0])),
    latencies: buckets.map(() => 0),
    fine: createLatencies(),
    latencySumSeconds: 0,
    latencyCount: 0,
  };
}

function countsOf({ labels, statuses, fine, recent }: Requests, counters: string): ReleaseCounts {
  return {
    ...labels,
    counters,
    requests: [...statuses.values()].reduce((sum, count) => sum + count, 0),
    failed: (statuses.get("5xx") ?? 0) + (statuses.get("aborted") ?? 0),
    latencies: fine.buckets(),
    recent: recent.read(),
  };
}

function render(all: readonly Series[]): string {
  const requests = all.flatMap(requestsIn);
  return [
    ...family(
      "fairway_http_requests_total",
      "counter",
      "Requests answered, by who asked and class of status.",
      requests,
      ({ statuses }, line) => [...statuses].map(([status, count]) => line("", { status }, count)),
    ),
    ...family(
      "fairway_http_request_duration_seconds",
      "histogram",
      "Time from request to the end of the answer, by who asked.",
      requests,
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

function family<Counted extends { readonly labels: ReleaseLabels }>(
  name: string,
  type: string,
  help: string,
  all: readonly Counted[],
  lines: (counted: Counted, line: Line) => string[],
): string[] {
  const samples = all.flatMap((counted) =>
    lines(
      counted,
      (suffix, labels, value) =>
        `${name}${suffix}{${labelText({ ...counted.labels, ...labels })}} ${String(value)}`,
    ),
  );
  return [`# HELP ${name} ${help}`, `# TYPE ${name} ${type}`, ...samples];
}

function latencyLines(series: Requests, line: Line): string[] {
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
