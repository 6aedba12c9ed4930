import {
  backupOf,
  environmentOf,
  ledgerOf,
  registryOf,
  serviceSettings,
  type Config,
} from "../config/config.ts";
import { ledgerSecretNames } from "../providers/ledgers/ledgers.ts";
import { registrySecretNames } from "../providers/registries/registries.ts";
import { metricSecretNames } from "../providers/metrics/metrics.ts";
import { scanSecretNames } from "../steps/steps.ts";
import { dependencySecretNames } from "./dependencies.ts";

/** Names of all secrets that the services of an environment get, and those that what they need is asked with. */
export function secretNames(config: Config, environment: string): string[] {
  const names = Object.keys(config.services).flatMap(
    (name) => serviceSettings(config, environment, name).secretNames,
  );
  return [...new Set([...names, ...dependencySecretNames(config, environment)])];
}

/** Of every secret that the config names, for whatever it is: none of their values may be in an image. */
export function knownSecretNames(config: Config): string[] {
  const environments = Object.keys(config.environments);
  const database = config.database === null ? [] : [config.database.prisma.url];
  const logins = [null, ...environments].flatMap((name) => registrySecretNames(registryOf(config, name)));
  const own = environments.flatMap((name) => [
    ...secretNames(config, name),
    ...ledgerSecretNames(ledgerOf(config, name)),
    ...tokensOf(config, name),
    ...Object.values(environmentOf(config, name).metrics).flatMap(metricSecretNames),
    ...(backupOf(config, name)?.scripts?.secrets ?? []),
  ]);
  return [...new Set([...database, ...logins, ...scanSecretNames(config), ...own])];
}

/** The certificate of an authority comes with them, and is no secret. */
function tokensOf(config: Config, environment: string): string[] {
  const { target } = environmentOf(config, environment);
  if (target === "local") return [];
  const { token, argocd, flux } = target.gitops;
  return [token, argocd?.token, flux?.token].filter((name) => name !== undefined);
}
