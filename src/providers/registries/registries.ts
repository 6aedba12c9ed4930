import { usageError } from "../../model/errors.ts";
import type { Registry } from "../../model/registry.ts";
import { ecrRegistry } from "./ecr.ts";
import { genericRegistry } from "./generic.ts";
import { loopbackRegistry } from "./loopback.ts";

/** The `registry` of a config. */
export type RegistryConfig =
  | "loopback"
  | { readonly url: string; readonly username?: string | undefined; readonly password?: string | undefined }
  | { readonly ecr: EcrConfig };

export interface EcrConfig {
  /** 12 digits. */
  readonly account: string;
  readonly region: string;
  readonly repositoryPrefix?: string | undefined;
}

export interface RegistryContext {
  /** The pipeline's name, a part of every repository's name. */
  readonly pipeline: string;
  /** Values of `--secrets` by name. */
  readonly secrets: Readonly<Record<string, string>>;
  /** Answers `127.0.0.1:<port>`; undefined inside a real engine, which reaches no registry of the caller's machine. */
  readonly loopbackAddress: (() => Promise<string>) | undefined;
}

/** The names of the values in `--secrets` that a registry uses. */
export function registrySecretNames(config: RegistryConfig): readonly string[] {
  if (typeof config === "string") return [];
  if ("ecr" in config) return ["AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN"];
  return [config.username, config.password].filter((name) => name !== undefined);
}

/**
 * Opens the registry that the config names. Nothing is created in it.
 * @throws FairwayError (exit 2) for a kind that is not known, a secret without a value, a bad name
 */
export async function openRegistry(config: RegistryConfig, context: RegistryContext): Promise<Registry> {
  if (config === "loopback") return loopbackRegistry(context);
  if (typeof config === "object" && "url" in config) return genericRegistry(config, context);
  if (typeof config === "object" && "ecr" in config) return ecrRegistry(config.ecr, context);
  throw usageError(`there is no registry of the kind ${JSON.stringify(config)}`, {
    code: "REGISTRY_KIND",
    place: "fairway.yaml registry",
    remedy:
      "the kinds are: loopback, { url, username, password }, { ecr: { account, region, repositoryPrefix } }",
  });
}
