import { environmentOf, type Config, type DependencyConfig } from "../config/config.ts";
import type { DependencyCheck, DependencyUrl } from "../model/plan.ts";
import { secretsOfChecks } from "../release/health/health.ts";

/** What the config of an environment says that its services need, as a plan asks it. */
export function dependenciesOf(config: Config, environment: string): readonly DependencyCheck[] {
  const { dependencies, variables } = environmentOf(config, environment);
  const at = (name: string): DependencyUrl => {
    const url = variables[name];
    return url === undefined ? { secret: name } : { url };
  };
  return dependencies.map((dependency) => checkOf(dependency, config, at));
}

/** Names of the secrets that asking them takes; the environment's own database is none of them. */
export function dependencySecretNames(config: Config, environment: string): readonly string[] {
  const checks = dependenciesOf(config, environment);
  return secretsOfChecks(checks).filter((name) => name !== config.database?.prisma.url);
}

function checkOf(
  dependency: DependencyConfig,
  { database }: Config,
  at: (name: string) => DependencyUrl,
): DependencyCheck {
  if (dependency === "database") {
    if (database === null) throw new Error("the config has no database");
    return { kind: "database", at: { secret: database.prisma.url } };
  }
  if ("database" in dependency) return { kind: "database", at: at(dependency.database) };
  if ("redis" in dependency) return { kind: "redis", at: at(dependency.redis) };
  if ("http" in dependency) return { kind: "http", ...dependency.http };
  return { kind: "certificate", ...dependency.certificate };
}
