import { usageError } from "../../model/errors.ts";
import { secretsMissing } from "../../model/secrets-missing.ts";
import type { Registry } from "../../model/registry.ts";
import { parseReference } from "../../oci/oci.ts";
import type { RegistryConfig, RegistryContext } from "./registries.ts";
import { serviceRepository } from "./repository-name.ts";

type GenericConfig = Extract<RegistryConfig, { url: string }>;

/** Any registry of the distribution API, with a user name and a password or token, or with neither. */
export function genericRegistry(config: GenericConfig, context: RegistryContext): Registry {
  const base = config.url.replace(/\/+$/, "");
  const { registry: address } = parseReference(`${base}/${context.pipeline}/service`);
  const credentials = readCredentials(config, context, address);
  return {
    kind: "generic",
    address,
    credentialsAt:
      config.username === undefined
        ? "registry.username and registry.password in fairway.yaml, the names of two values in --secrets"
        : `the values ${config.username} and ${String(config.password)} in --secrets`,
    repository: (service) => serviceRepository(base, context.pipeline, service),
    credentials: () => Promise.resolve(credentials),
  };
}

function readCredentials(
  { username, password }: GenericConfig,
  { secrets }: RegistryContext,
  address: string,
) {
  if (username === undefined && password === undefined) return null;
  if (username === undefined || password === undefined)
    throw usageError(
      `the registry ${address} has a ${username === undefined ? "password" : "user name"} only`,
      {
        code: "REGISTRY_CREDENTIALS",
        place: `fairway.yaml registry.${username === undefined ? "username" : "password"}`,
        remedy: "name both, or neither: the names of two values in --secrets",
      },
    );
  const missing = [username, password].filter((name) => !secrets[name]);
  if (missing.length > 0)
    throw secretsMissing(`the registry ${address} needs a value for ${missing.join(" and ")}`, {
      file: "registry",
    });
  return { address, username: secrets[username] ?? "", password: secrets[password] ?? "" };
}
