import type { Client, Service } from "@dagger.io/dagger";
import type { ToolImages } from "../tool-images.ts";

/** A PostgreSQL server that lives as long as the steps that use it, and what its address is made of. */
export interface PostgresService {
  readonly service: Service;
  /** Bind the service under this name. */
  readonly alias: string;
  /** For a step that has the service bound; it holds no secret, as the server ends with the step. */
  readonly url: string;
}

/**
 * @param purpose tells servers apart: the same purpose is the same server, within one session.
 */
export function postgresService(
  client: Client,
  options: { readonly version: string; readonly images: ToolImages; readonly purpose: string },
): PostgresService {
  const alias = "db";
  const service = client
    .container()
    .from(options.images.postgres(options.version))
    .withEnvVariable("POSTGRES_USER", "postgres")
    .withEnvVariable("POSTGRES_PASSWORD", "ephemeral")
    .withEnvVariable("POSTGRES_DB", "app")
    .withEnvVariable("FAIRWAY_PURPOSE", options.purpose)
    .withExposedPort(5432)
    .asService({ useEntrypoint: true });
  return { service, alias, url: `postgresql://postgres:ephemeral@${alias}:5432/app` };
}
