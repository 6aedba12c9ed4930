import type { PrometheusConfig } from "../../config/environment/metrics.ts";
import { unreachable } from "../../model/errors.ts";
import type { MetricQuery, MetricSource, MetricWatch } from "../../model/metric.ts";
import { fillInQuery, placeholdersOf } from "../../model/placeholders.ts";
import { unreadable, type Asking } from "./answer.ts";
import { watchGrowth, type Grown } from "./growth.ts";
import { distributionOf } from "./histogram.ts";
import { requireKnownNames } from "./selector-names.ts";
import { prometheusApi, type PrometheusApi } from "./prometheus-api.ts";
import { valueSeries } from "./value-series.ts";

/** Of the proxies of a local environment: what Fairway itself asks says nothing of anybody. */
const ofVersion = 'service="${service}",version="${version}",origin!="fairway"';
const ownErrors = {
  events: `fairway_http_requests_total{${ofVersion},status=~"5xx|aborted"}`,
  total: `fairway_http_requests_total{${ofVersion}}`,
};
const ownLatency = {
  buckets: `fairway_http_request_duration_seconds_bucket{${ofVersion}}`,
  unit: "seconds",
} as const;

interface Opened {
  readonly config: PrometheusConfig;
  readonly api: PrometheusApi;
  readonly asking: Asking;
  readonly maxAgeSeconds: number;
}

/** Figures that Prometheus scraped. */
export function prometheusSource(config: PrometheusConfig, asking: Asking): MetricSource {
  const { url, maxAgeSeconds } = config;
  const opened = { config, asking, maxAgeSeconds, api: prometheusApi(url, maxAgeSeconds, asking) };
  return {
    kind: "prometheus",
    watch: async (query, signal) => {
      switch (query.limit.metric) {
        case "error-rate":
          return watchErrors(query, opened, signal);
        case "latency":
          return watchLatency(query, opened, signal);
        case "value":
          return watchValue(query.limit.name, query, opened);
        default:
          return unreachable(query.limit);
      }
    },
  };
}

async function watchErrors(query: MetricQuery, opened: Opened, signal: AbortSignal): Promise<MetricWatch> {
  const { api, asking } = opened;
  const { events, total } = opened.config.errorRate ?? ownErrors;
  const begun = await api.now(signal);
  const failed = await watchGrowth(filledIn(events, query), opened, begun, signal);
  const all = await watchGrowth(filledIn(total, query), opened, begun, signal);
  // Errors without a series are none, or misspelt: that is asked once, as soon as there are requests.
  let isKnown = false;
  const requireKnown = async (look: AbortSignal) => {
    if (!isKnown) await requireKnownNames(filledIn(events, query), api, asking, look);
    isKnown = true;
  };
  if (failed.isEmpty() && !all.isEmpty()) await requireKnown(signal);
  const isSound = all.before > 0 && failed.before <= all.before;
  return {
    ...(isSound ? { before: { kind: "counts", events: failed.before, total: all.before } } : {}),
    read: async (look) => {
      const at = await api.now(look);
      // The failed ones first: what comes in between is then in both, or among all.
      const counts = {
        events: sumOf(await failed.read(at, look)),
        total: sumOf(await all.read(at, look)),
      };
      if (failed.isEmpty() && !all.isEmpty()) await requireKnown(look);
      if (counts.events <= counts.total) return { kind: "counts", ...counts };
      throw unreadable(
        asking,
        filledIn(events, query),
        `more requests failed (${String(counts.events)}) than there were (${String(counts.total)})`,
        "Let `total` count all requests, those of `events` too.",
      );
    },
  };
}

async function watchLatency(query: MetricQuery, opened: Opened, signal: AbortSignal): Promise<MetricWatch> {
  const { api, asking } = opened;
  const { buckets, unit } = opened.config.latency ?? ownLatency;
  const selector = filledIn(buckets, query);
  const growth = await watchGrowth(selector, opened, await api.now(signal), signal);
  const wrong = (came: string, remedy: string) => unreadable(asking, selector, came, remedy);
  const scale = unit === "seconds" ? 1000 : 1;
  return {
    read: async (look) => distributionOf(await growth.read(await api.now(look), look), scale, wrong),
  };
}

async function watchValue(name: string, query: MetricQuery, opened: Opened): Promise<MetricWatch> {
  const { api, asking, config } = opened;
  const template = Object.hasOwn(config.values, name) ? config.values[name] : undefined;
  if (template === undefined)
    throw unreadable(asking, name, "the config has no value of this name", "Add it under values.");
  const text = filledIn(template, query, config.windowSeconds);
  const isOverTime = placeholdersOf(template).includes("window");
  const series = valueSeries(isOverTime ? config.windowSeconds : null, () =>
    unreadable(asking, text, "there is no number any more", "See whether it is still measured."),
  );
  return {
    read: async (look) =>
      series.take(async () => {
        const atSeconds = await api.now(look);
        return { atSeconds, value: await api.number(text, atSeconds, look) };
      }),
  };
}

function filledIn(template: string, { service, version }: MetricQuery, windowSeconds?: number): string {
  const window = windowSeconds === undefined ? {} : { window: `${String(windowSeconds)}s` };
  return fillInQuery(template.trim(), { service, version, ...window });
}

function sumOf(all: readonly Grown[]): number {
  return all.reduce((total, { grown }) => total + grown, 0);
}
