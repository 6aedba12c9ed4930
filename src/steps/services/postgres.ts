import type { Client } from "@dagger.io/dagger";
import type { EphemeralServer, ServerOptions } from "./server.ts";

export function postgresService(
  client: Client,
  { version, images, purpose }: ServerOptions,
): EphemeralServer {
  const alias = "db";
  const service = client
    .container()
    .from(images.postgres(version))
    .withEnvVariable("POSTGRES_USER", "postgres")
    .withEnvVariable("POSTGRES_PASSWORD", "ephemeral")
    .withEnvVariable("POSTGRES_DB", "app")
    .withEnvVariable("FAIRWAY_PURPOSE", purpose)
    .withExposedPort(5432)
    .asService({ useEntrypoint: true });
  return { service, alias, url: `postgresql://postgres:ephemeral@${alias}:5432/app` };
}
