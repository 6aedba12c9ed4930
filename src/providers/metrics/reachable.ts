import type { MetricSourceConfig } from "../../config/environment/metrics.ts";
import { askFor, askingOf, loginSecretNames } from "./answer.ts";
import { prometheusApi } from "./prometheus-api.ts";

/**
 * Asks a source for as little as it takes to see that it answers, without what opens it: a refusal is an answer then.
 * @throws FairwayError METRIC_UNREADABLE
 */
export async function askWhetherItAnswers(
  place: string,
  name: string,
  config: MetricSourceConfig,
  signal: AbortSignal,
): Promise<void> {
  if ("prometheus" in config) {
    const { url, headers, maxAgeSeconds } = config.prometheus;
    const asking = askingOf({ place, source: `${name} (prometheus)` }, { headers }, {});
    const needsLogin = loginSecretNames(config.prometheus).length > 0;
    if (!needsLogin) await prometheusApi(url, maxAgeSeconds, asking).now(signal);
    else await askFor(new URL(url), { method: "GET" }, "anything", asking, signal);
    return;
  }
  const { url, headers } = config.web;
  const asking = askingOf({ place, source: `${name} (web)` }, { headers }, {});
  // What it has of a version is not asked for here: a question may cost something, and there is no version.
  await askFor(
    new URL("/", url.replaceAll(/\$\{\w+\}/g, "x")),
    { method: "GET" },
    "anything",
    asking,
    signal,
  );
}
