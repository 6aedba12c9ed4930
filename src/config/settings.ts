import { FairwayError, exitCodes } from "../model/errors.ts";
import type { LedgerConfig } from "./ledger.ts";
import { knownNames } from "./problems.ts";
import type { FindingsConfig } from "./findings.ts";
import type { Config, EnvironmentConfig, RegistryConfig } from "./schema.ts";

/** The environment of this name. @throws FairwayError ENVIRONMENT_UNKNOWN (exit 2) that lists the known ones. */
export function environmentOf(config: Config, name: string): EnvironmentConfig {
  const environment = config.environments[name];
  if (environment !== undefined && Object.hasOwn(config.environments, name)) return environment;
  throw new FairwayError(`there is no environment ${JSON.stringify(name)}`, {
    code: "ENVIRONMENT_UNKNOWN",
    exitCode: exitCodes.usage,
    place: "fairway.yaml environments",
    remedy: knownNames(name, Object.keys(config.environments)),
  });
}

/** Where an environment's events are written down: on this machine for what runs here, unless it says otherwise. */
export function ledgerOf(config: Config, environment: string): LedgerConfig {
  const { ledger, target } = environmentOf(config, environment);
  return ledger ?? (target === "local" ? "sqlite" : config.ledger);
}

/** Where the images of an environment are pushed; null for those that are built for none. */
export function registryOf(config: Config, environment: string | null): RegistryConfig {
  return (environment === null ? undefined : environmentOf(config, environment).registry) ?? config.registry;
}

/** What becomes of findings where it is deployed to an environment. */
export function findingsFor(config: Config, environment: string): FindingsConfig {
  const { severities = {}, unverifiedSecrets = config.findings.unverifiedSecrets } =
    environmentOf(config, environment).findings ?? {};
  const own = Object.entries(severities).filter(([, treatment]) => treatment !== undefined);
  return {
    ...config.findings,
    severities: { ...config.findings.severities, ...Object.fromEntries(own) },
    unverifiedSecrets,
  };
}

/** When an environment's database is backed up, and how; null for never. */
export interface BackupSettings {
  readonly before: "migrations" | "every-deploy";
  /** How many stay; null where the script decides. */
  readonly keep: number | null;
  /** Of the repository; null where the target makes backups itself. */
  readonly scripts: {
    readonly backup: string;
    readonly restore: string;
    readonly secrets: readonly string[];
  } | null;
}

export function backupOf(config: Config, environment: string): BackupSettings | null {
  const { target, backup } = environmentOf(config, environment);
  if (config.database === null || backup?.before === "never") return null;
  const before = backup?.before ?? "migrations";
  if (target === "local") return { before, keep: backup?.keep ?? 3, scripts: null };
  const { script, restore, secrets = [] } = backup ?? {};
  if (script === undefined || restore === undefined) return null;
  return { before, keep: null, scripts: { backup: script, restore, secrets } };
}

/** What one service gets in one environment, after the environment's overrides. */
export interface ServiceSettings {
  readonly replicas: number;
  readonly variables: Readonly<Record<string, string>>;
  /** Absent where none is set. */
  readonly limits?: { readonly cpus?: number; readonly memoryMiB?: number };
  /** Names of secrets, sorted, each once; the database's variable is not among them. */
  readonly secretNames: readonly string[];
}

export function serviceSettings(config: Config, environment: string, service: string): ServiceSettings {
  const place = environmentOf(config, environment);
  const base = config.services[service];
  if (base === undefined) throw new Error(`there is no service ${service}`);
  const override = place.services[service];
  const limits = Object.entries({ ...base.limits, ...override?.limits }).filter(
    ([, limit]) => limit !== undefined,
  );
  return {
    replicas: override?.replicas ?? base.replicas,
    ...(limits.length === 0 ? {} : { limits: Object.fromEntries(limits) }),
    variables: { ...base.variables, ...place.variables, ...override?.variables },
    secretNames: [...new Set([...base.secrets, ...place.secrets, ...(override?.secrets ?? [])])].sort(),
  };
}
