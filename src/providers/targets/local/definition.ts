import { randomBytes } from "node:crypto";
import { hashOf, type Json } from "../../../model/canonical-json.ts";
import { usageError } from "../../../model/errors.ts";
import type { ServiceRelease } from "../../../model/plan.ts";
import type { ReplicaDefinition } from "./replica.ts";
import type { ReplicaImage } from "./runner.ts";
import { scrubOf } from "../../../model/scrub.ts";

interface DefinitionParts {
  readonly service: ServiceRelease;
  readonly index: number;
  readonly version: string;
  readonly image: ReplicaImage;
  readonly secrets: Readonly<Record<string, string>>;
  readonly urls: Readonly<Record<string, string>>;
  readonly databaseUrl: string | null;
  readonly environment: string;
  readonly environmentId: string;
}

/** The variable by which a replica, and what it started, is found again. */
export const markVariable = "FAIRWAY_REPLICA";

/** Everything that a replica of this release is started with. @throws FairwayError for what cannot be filled in */
export function defineReplica(parts: DefinitionParts): ReplicaDefinition {
  const { service, index, version, image } = parts;
  const id = `${service.name}.${String(index)}.${randomBytes(6).toString("hex")}`;
  const secrets = secretsOf(service, parts.secrets, parts.databaseUrl);
  const given = {
    ...image.variables,
    FAIRWAY_ENVIRONMENT: parts.environment,
    FAIRWAY_SERVICE: service.name,
    FAIRWAY_VERSION: version,
    ...filledVariables(service, parts.urls),
    ...secrets,
  };
  // One that was read back from a ledger has its fields in another order, and is no other one.
  const fingerprint = hashOf([version, service, given] as unknown as Json);
  const variables = { ...given, [markVariable]: `${parts.environmentId}/${id}` };
  const scrub = scrubOf(Object.values(secrets));
  return { id, index, version, service, image, variables, secrets, fingerprint, scrub };
}

/** `${services.<name>.url}` becomes the address of that service's proxy. */
function filledVariables(
  service: ServiceRelease,
  urls: Readonly<Record<string, string>>,
): Record<string, string> {
  const filled = Object.entries(service.variables).map(([variable, value]) => [
    variable,
    value.replaceAll(/\$\{services\.([^.}]+)\.url\}/g, (reference, name: string) => {
      const url = urls[name];
      if (url !== undefined) return url;
      const known = Object.keys(urls).join(", ");
      throw usageError(
        `${variable} of service ${service.name} asks for ${reference}, and there is no service ${name}`,
        {
          code: "SERVICE_UNKNOWN",
          remedy: `the services are ${known}`,
        },
      );
    }),
  ]);
  return Object.fromEntries(filled) as Record<string, string>;
}

/** The secrets that the service lists, and the variable that holds the environment's database. */
function secretsOf(
  service: ServiceRelease,
  values: Readonly<Record<string, string>>,
  databaseUrl: string | null,
): Record<string, string> {
  const missing = service.secretNames.filter((name) => values[name] === undefined);
  if (missing.length > 0) {
    throw usageError(`service ${service.name} needs ${missing.join(", ")}, and no value was given`, {
      code: "SECRET_MISSING",
      remedy: `give the document that holds it: --secrets file:.env.<environment>`,
    });
  }
  const given = Object.entries(values).filter(
    ([name, value]) => service.secretNames.includes(name) || value === databaseUrl,
  );
  return Object.fromEntries(given);
}
