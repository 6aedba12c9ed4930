import type { MetricSourceConfig } from "../../config/environment/metrics.ts";
import type { Clock } from "../../model/clock.ts";
import { usageError } from "../../model/errors.ts";
import type { MetricSource } from "../../model/metric.ts";
import { askingOf, loginSecretNames, unreadable, type Asking } from "./answer.ts";
import { prometheusSource } from "./prometheus.ts";
import { webSource } from "./web.ts";

export { askWhetherItAnswers } from "./reachable.ts";

export interface MetricsContext {
  readonly environment: string;
  /** Values of `--secrets` by name. */
  readonly secrets: Readonly<Record<string, string>>;
  readonly clock: Clock;
}

/** The names of the values in `--secrets` that a source is asked with. */
export function metricSecretNames(config: MetricSourceConfig): readonly string[] {
  return loginSecretNames("prometheus" in config ? config.prometheus : config.web);
}

/**
 * Opens the source that the config has under this name. Nothing is asked of it yet, and a secret without a value is told when
 * something is: whoever goes back needs no figures.
 * @throws FairwayError METRIC_KIND (exit 2) for a kind that is not known
 */
export function openMetrics(name: string, config: MetricSourceConfig, context: MetricsContext): MetricSource {
  const place = `fairway.yaml environments.${context.environment}.metrics.${name}`;
  const { secrets, clock } = context;
  const guarded = (source: MetricSource, asking: Asking) => {
    const missing = metricSecretNames(config).filter((secret) => !secrets[secret]);
    return missing.length === 0 ? source : unopened(source.kind, missing, asking);
  };
  if ("prometheus" in config) {
    const asking = askingOf({ place, source: `${name} (prometheus)` }, config.prometheus, secrets);
    return guarded(prometheusSource(config.prometheus, asking), asking);
  }
  if ("web" in config) {
    const asking = askingOf({ place, source: `${name} (web)` }, config.web, secrets);
    return guarded(webSource(config.web, asking, clock), asking);
  }
  throw usageError(`there is no source of figures of the kind ${JSON.stringify(config)}`, {
    code: "METRIC_KIND",
    place,
    remedy: "the kinds are: { prometheus: { url, ... } }, { web: { url, ... } }",
  });
}

/** Without what opens it nothing is asked of it. */
function unopened(kind: string, missing: readonly string[], asking: Asking): MetricSource {
  return {
    kind,
    watch: async ({ service }) => {
      const came = `there is no value for ${missing.join(" and ")}`;
      throw unreadable(asking, `figures of ${service}`, came, "Give it in the document of --secrets.");
    },
  };
}
