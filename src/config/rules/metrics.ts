import { placeholdersOf } from "../../model/placeholders.ts";
import { knownNames, problem, warning, type Path } from "../problems.ts";
import type { Rule } from "./rule.ts";

type Environment = Parameters<Rule>[0]["environments"][string];
type Source = Environment["metrics"][string];
type AnalysisLimit = Extract<Environment["strategy"], { canary: unknown }>["canary"]["limits"][number];

export const sourcesExist: Rule = ({ environments }) =>
  Object.values(limitsWithSource(environments)).flatMap(({ name, known, path }) =>
    known.includes(name)
      ? []
      : [problem([...path, "source"], `there is no source ${name} in metrics; ${knownNames(name, known)}`)],
  );

/** What a source cannot answer is found out before a canary waits for it. */
export const metricsHaveFigures: Rule = ({ environments }) =>
  limitsWithSource(environments).flatMap(({ name, source, limit, path }) => {
    if (source === undefined) return [];
    if ("value" in limit) {
      const values = Object.keys(valuesOf(source));
      if (values.includes(limit.value.name)) return [];
      const known = knownNames(limit.value.name, values);
      return [problem([...path, "name"], `${name} has no value ${limit.value.name}; ${known}`)];
    }
    if (!("web" in source)) return [];
    if ("latency" in limit)
      return [problem([...path, "source"], `${name} has single numbers: judge one of them as a value`)];
    return source.web.errorRate === undefined
      ? [problem([...path, "source"], `${name} does not say where its counters are: errorRate`)]
      : [];
  });

/**
 * Whoever gets one figure for both versions finds them equally good; and among the requests of both, those that a new version
 * fails are few.
 */
export const figuresHaveVersion: Rule = ({ environments }) =>
  limitsWithSource(environments).flatMap(({ name, source, limit, path, environment }) =>
    source === undefined || !isOfVersion(limit)
      ? []
      : questionsOf(source, limit)
          .filter(({ texts }) => !texts.some((text) => placeholdersOf(text).includes("version")))
          .map(({ at }) =>
            problem(
              ["environments", environment, "metrics", name, ...at],
              `must have \${version}: ${path.slice(2).join(".")} is about one version`,
            ),
          ),
  );

export const metricsAreUsed: Rule = ({ environments }) => {
  const used = limitsWithSource(environments);
  return Object.entries(environments).flatMap(([environment, { metrics }]) =>
    Object.keys(metrics)
      .filter((name) => !used.some((one) => one.environment === environment && one.name === name))
      .map((name) => ({
        ...warning(["environments", environment, "metrics", name], "no limit has this source"),
        atKey: true,
      })),
  );
};

/** Limits that are judged by something else than the target's own figures. */
function limitsWithSource(environments: Parameters<Rule>[0]["environments"]) {
  return Object.entries(environments).flatMap(([environment, { strategy, metrics }]) => {
    if (!("canary" in strategy)) return [];
    return strategy.canary.limits.flatMap((limit, index) =>
      Object.entries(limit).flatMap(([kind, { source: name }]: [string, { source: string | null }]) => {
        if (name === null) return [];
        const path: Path = ["environments", environment, "strategy", "canary", "limits", index, kind];
        const source = Object.hasOwn(metrics, name) ? metrics[name] : undefined;
        return [{ environment, name, source, limit, path, known: Object.keys(metrics) }];
      }),
    );
  });
}

function valuesOf(source: Source): Readonly<Record<string, string>> {
  return "prometheus" in source ? source.prometheus.values : source.web.values;
}

/** A number may be of all versions, such as the length of a queue; requests are those of one. */
function isOfVersion(limit: AnalysisLimit): boolean {
  return !("value" in limit) || limit.value.maxWorsePercent !== undefined;
}

/** What a source is asked with for a limit, as people wrote it: one of the texts of each has the version. */
function questionsOf(
  source: Source,
  limit: AnalysisLimit,
): { readonly at: Path; readonly texts: readonly string[] }[] {
  if ("web" in source) return [{ at: ["web", "url"], texts: [source.web.url, source.web.body ?? ""] }];
  const { errorRate, latency, values } = source.prometheus;
  if ("value" in limit) {
    const text = Object.hasOwn(values, limit.value.name) ? values[limit.value.name] : undefined;
    return text === undefined ? [] : [{ at: ["prometheus", "values", limit.value.name], texts: [text] }];
  }
  if ("latency" in limit)
    return latency === undefined
      ? []
      : [{ at: ["prometheus", "latency", "buckets"], texts: [latency.buckets] }];
  if (errorRate === undefined) return [];
  return (["events", "total"] as const).map((name) => ({
    at: ["prometheus", "errorRate", name],
    texts: [errorRate[name]],
  }));
}
