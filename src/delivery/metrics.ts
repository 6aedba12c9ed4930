import { environmentOf } from "../config/config.ts";
import { isFairwayError } from "../model/errors.ts";
import type { MetricSource } from "../model/metric.ts";
import type { Release } from "../model/plan.ts";
import { secretsMissing } from "../model/secrets-missing.ts";
import { metricSecretNames, openMetrics } from "../providers/metrics/metrics.ts";
import { readSecrets } from "../providers/secrets/secrets.ts";
import type { Delivery } from "./delivery.ts";
import { strategyOf } from "./strategy.ts";

type Reading = Pick<Delivery, "config" | "input" | "clock">;

/** Sources of figures that an environment has beside its target, by name. */
export async function metricsFor(
  delivery: Reading,
  environment: string,
): Promise<ReadonlyMap<string, MetricSource>> {
  const { metrics } = environmentOf(await delivery.config(), environment);
  const secrets = await metricSecrets(delivery, environment);
  const context = { environment, secrets, clock: delivery.clock };
  return new Map(Object.entries(metrics).map(([name, config]) => [name, openMetrics(name, config, context)]));
}

/** Before a canary waits for figures that nobody may read. @throws FairwayError SECRETS_MISSING (exit 2) */
export async function requireMetricSecrets(delivery: Delivery, environment: string): Promise<void> {
  const config = environmentOf(await delivery.config(), environment);
  const secrets = await metricSecrets(delivery, environment);
  const used = limitsOf(config).map(({ limit }) => limit.source);
  for (const [name, source] of Object.entries(config.metrics)) {
    const missing = metricSecretNames(source).find((secret) => !secrets[secret]);
    if (missing === undefined || !used.includes(name)) continue;
    throw secretsMissing(
      `${environment} needs a value for ${missing}: ${name}, which releases are judged by`,
      {
        file: environment,
        command: delivery.command,
      },
    );
  }
}

/** Says which figures cannot be read now. It may be otherwise when they are needed, so nothing fails for it. */
export async function noteUnreadable(
  delivery: Delivery,
  environment: string,
  release: Release,
): Promise<void> {
  const sources = await metricsFor(delivery, environment);
  const limits = limitsOf(environmentOf(await delivery.config(), environment));
  const asked = limits.map(async ({ services, limit }) => {
    const source = limit.source === null ? undefined : sources.get(limit.source);
    const service = services?.[0] ?? release.services[0]?.name;
    if (source === undefined || service === undefined) return null;
    try {
      const patience = AbortSignal.timeout(patienceMs);
      const watch = await source.watch({ limit, service, version: release.version }, patience);
      await watch.read(patience);
      return null;
    } catch (error) {
      delivery.signal?.throwIfAborted();
      if (isFairwayError(error)) return error.message;
      return `${String(limit.source)} did not answer within ${String(patienceMs / 1000)} s`;
    }
  });
  for (const line of new Set(await Promise.all(asked)))
    if (line !== null) delivery.progress.note(`not readable now, and needed to judge the release: ${line}`);
}

const patienceMs = 15_000;

function limitsOf(config: Parameters<typeof strategyOf>[0]) {
  const strategy = strategyOf(config);
  return strategy.kind === "canary" ? strategy.limits : [];
}

async function metricSecrets(delivery: Reading, environment: string) {
  const { metrics } = environmentOf(await delivery.config(), environment);
  const names = Object.values(metrics).flatMap(metricSecretNames);
  return readSecrets(await delivery.input.secrets?.plaintext(), names);
}
