import { pathText, problem, validate, type Config, type Problem } from "../../config/config.ts";

type Mapping = Readonly<Record<string, unknown>>;

interface Parts {
  readonly environments: Mapping;
  readonly services: Mapping;
  readonly releases: Mapping;
}

/** The pipeline of a scenario, and of those of its releases that bring one of their own. */
export interface Configs {
  /** Undefined where something is wrong with it. */
  readonly config: Config | undefined;
  /** By version; of the others it is `config`. */
  readonly brought: ReadonlyMap<string, Config>;
  /** At the places where they stand in the scenario. */
  readonly problems: readonly Problem[];
}

/** Whatever holds between environments and services in a pipeline has to hold in a scenario, and in each of its releases. */
export function configsOf({ environments, services, releases }: Parts): Configs {
  const own = pipelineOf(environments, services);
  const told = new Set(own.problems.map(({ path }) => pathText(path)));
  const brought = new Map<string, Config>();
  const problems = [...own.problems];
  for (const [version, release] of Object.entries(releases)) {
    const changes = mappingOf(mappingOf(release)["environments"]);
    if (Object.keys(changes).length === 0) continue;
    const changed = Object.entries(environments).map(([name, before]): [string, unknown] => [
      name,
      { ...mappingOf(before), ...mappingOf(changes[name]) },
    ]);
    const pipeline = pipelineOf(Object.fromEntries(changed), services);
    if (pipeline.config !== undefined) brought.set(version, pipeline.config);
    const others = pipeline.problems.filter(({ path }) => !told.has(pathText(path)));
    problems.push(...others.map((one) => ({ ...one, path: placeIn(version, changes, one.path) })));
  }
  return { config: own.config, brought, problems };
}

/** Anything that is no mapping is an empty one: that is told by the schema. */
export function mappingOf(value: unknown): Mapping {
  return typeof value === "object" && value !== null ? (value as Mapping) : {};
}

/** Where a release says what is wrong: what stands with the environment itself is wrong only together with it. */
function placeIn(
  version: string,
  changes: Mapping,
  [, name = "", ...rest]: Problem["path"],
): Problem["path"] {
  const change = mappingOf(changes[name]);
  const [key] = rest;
  const place = ["releases", version, "environments"];
  if (key !== undefined && Object.hasOwn(change, key)) return [...place, name, ...rest];
  return Object.hasOwn(changes, name) ? [...place, name] : place;
}

function pipelineOf(
  environments: Mapping,
  services: Mapping,
): { readonly config: Config | undefined; readonly problems: readonly Problem[] } {
  const { config, problems } = validate(asConfig(environments, services));
  const others = scriptProblems(environments);
  const isSound = config !== undefined && others.length === 0;
  return {
    config: isSound ? withScripts(config, environments) : undefined,
    problems: [...problems, ...others],
  };
}

const ofScripts = ["script", "restore", "secrets"];

function asConfig(environments: Mapping, services: Mapping) {
  return {
    name: "simulated",
    database: { prisma: { schema: "schema.prisma" } },
    services: Object.fromEntries(
      Object.entries(services).map(([name, own], index) => [
        name,
        { replicas: 2, ...mappingOf(own), dockerfile: "Dockerfile", port: 3000 + index, ready: "/ready" },
      ]),
    ),
    environments: Object.fromEntries(
      Object.entries(environments).map(([name, own]) => {
        const { backup, ...others } = mappingOf(own);
        // By scripts too: a simulated target is not asked whose its database is.
        const times = Object.entries(mappingOf(backup)).filter(([key]) => !ofScripts.includes(key));
        const backups = backup === undefined ? {} : { backup: Object.fromEntries(times) };
        return [name, { ...others, ...backups, target: "local", metrics: metricsOf(own) }];
      }),
    ),
  };
}

/** What limits name is there, and has what they ask for: releases say what it answers. */
function metricsOf(environment: unknown): Mapping {
  const { canary } = mappingOf(mappingOf(environment)["strategy"]);
  const { limits } = mappingOf(canary);
  const asked = (Array.isArray(limits) ? limits : []).flatMap((limit) =>
    Object.values(mappingOf(limit)).map(mappingOf),
  );
  const named = asked.filter(({ source }) => typeof source === "string");
  return Object.fromEntries(
    [...Map.groupBy(named, ({ source }) => String(source))].map(([source, ones]) => [
      source,
      {
        prometheus: {
          url: "https://simulated.example",
          values: Object.fromEntries(
            ones.flatMap(({ name }) => (typeof name === "string" ? [[name, 'x{version="${version}"}']] : [])),
          ),
        },
      },
    ]),
  );
}

/** A backup that nobody can bring back is worse than none. */
function scriptProblems(environments: Mapping): Problem[] {
  return Object.entries(environments).flatMap(([name, own]) => {
    const path = ["environments", name, "backup"];
    const { script, restore, keep } = mappingOf(mappingOf(own)["backup"]);
    if (script === undefined && restore === undefined) return [];
    if (restore === undefined) return [problem(path, "needs `restore`: the script that brings one back")];
    if (script === undefined) return [problem(path, "needs `script`: the script that makes a backup")];
    return keep === undefined
      ? []
      : [problem([...path, "keep"], "is for backups without scripts: a script decides how long one is kept")];
  });
}

function withScripts(config: Config, environments: Mapping): Config {
  const changed = Object.entries(config.environments).map(([name, settings]) => {
    const { script, restore } = mappingOf(mappingOf(environments[name])["backup"]);
    if (settings.backup === undefined || typeof script !== "string" || typeof restore !== "string")
      return [name, settings];
    return [name, { ...settings, backup: { ...settings.backup, script, restore } }];
  });
  return { ...config, environments: Object.fromEntries(changed) as Config["environments"] };
}
